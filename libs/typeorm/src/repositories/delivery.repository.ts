import type { Timestamp } from '@redress/domain';
import type { Attempted, Claimed, DeliveryStore, Lane } from '@redress/domain/integrations';
import type { TenantPool, Statement } from '../database/tenant-pool';
import { laneJob } from '../jobs/delivery-fan-out';
import { sqlState } from '../database/sql-state';
import type { Row } from '../entities/entity-schemas';

/** Of a lane, $1 tenant, $2 endpoint, $3 exception. */
const waiting = `d.tenant_id = $1 AND d.endpoint_id = $2 AND d.exception_id = $3 AND d.state IN ('PENDING', 'SENDING')`;
const theLane = `(SELECT $2::uuid AS endpoint_id, $3::uuid AS exception_id) l`;

/**
 * A job for the lane that begins while the engine is about to replace it is missed: the statement fails and is run
 * again, as a commit is.
 */
const allOrNothing = `redress_all_or_nothing((SELECT count(*) FROM wanted), (SELECT count(*) FROM rung))`;
const rung = `rung AS (
    SELECT 1 FROM (SELECT array_agg(${laneJob('l', 'w.at')}) AS jobs FROM wanted w, ${theLane} HAVING count(*) > 0) j,
      graphile_worker.add_jobs(j.jobs))`;

/** $4 now, $5 end of the lease. */
const claim: Statement = {
  name: 'claim_delivery',
  text: `WITH head AS (
    SELECT d.event_id, coalesce(d.lease_until, d.next_attempt_at) AS due FROM delivery d
    WHERE ${waiting} ORDER BY d.seq LIMIT 1 FOR UPDATE
  ), taken AS (
    UPDATE delivery t SET state = 'SENDING', attempts = t.attempts + 1, lease_until = $5::timestamptz, next_attempt_at = NULL
    FROM head WHERE t.tenant_id = $1 AND t.endpoint_id = $2 AND t.event_id = head.event_id AND head.due <= $4::timestamptz
    RETURNING t.event_id, t.seq, t.attempts, t.attempts_before
  ), wanted AS (
    SELECT CASE WHEN due <= $4::timestamptz THEN $5::timestamptz ELSE due END AS at FROM head
  ), ${rung}
  SELECT ${allOrNothing}, t.event_id, t.attempts, t.attempts_before, h.payload, e.url, e.secrets FROM (SELECT 1) always
    LEFT JOIN taken t ON true
    LEFT JOIN history h ON h.tenant_id = $1 AND h.exception_id = $3 AND h.seq = t.seq
    LEFT JOIN webhook_endpoint e ON e.tenant_id = $1 AND e.id = $2 AND e.state = 'ENABLED' AND e.deleted_at IS NULL`,
};

/**
 * $4 event, $5 attempt, $6 state, $7 next attempt, $8 status, $9 problem, $10 began, $11 milliseconds.
 *
 * Always schedules the job of the lane, without looking for another event: one that is committed after the snapshot of
 * this statement was taken, and whose own job ran before this commit, would wait until the end of the lease.
 */
const report: Statement = {
  name: 'report_delivery',
  text: `WITH attempt AS (
    INSERT INTO delivery_attempt (tenant_id, endpoint_id, event_id, attempt, at, status, problem, ms)
    VALUES ($1, $2, $4::uuid, $5::int4, $10::timestamptz, $8::int4, $9::text, $11::int4) ON CONFLICT DO NOTHING
  ), done AS (
    UPDATE delivery t SET state = $6::text, next_attempt_at = $7::timestamptz, lease_until = NULL, last_status = $8,
      last_problem = $9, delivered_at = CASE $6 WHEN 'DELIVERED' THEN $10 + $11 * interval '1 ms' ELSE t.delivered_at END
    WHERE t.tenant_id = $1 AND t.endpoint_id = $2 AND t.event_id = $4 AND t.attempts = $5 AND t.state = 'SENDING' RETURNING 1
  ), wanted AS (
    SELECT $7::timestamptz AS at FROM done
  ), ${rung}
  SELECT ${allOrNothing}`,
};

/** $4 event, $5 attempt, $6 until. */
const release: Statement = {
  name: 'release_delivery',
  text: `WITH wanted AS (
    UPDATE delivery t SET state = 'PENDING', attempts = t.attempts - 1, next_attempt_at = $6::timestamptz, lease_until = NULL
    WHERE t.tenant_id = $1 AND t.endpoint_id = $2 AND t.event_id = $4::uuid AND t.attempts = $5::int4 AND t.state = 'SENDING'
    RETURNING t.next_attempt_at AS at
  ), ${rung}
  SELECT ${allOrNothing}`,
};

/** $4 until. */
const putOff: Statement = {
  name: 'put_off_lane',
  text: `WITH wanted AS (SELECT $4::timestamptz AS at WHERE $1::text IS NOT NULL), ${rung} SELECT ${allOrNothing}`,
};

const skip = (which: string): string =>
  `UPDATE delivery d SET state = 'SKIPPED', next_attempt_at = NULL, lease_until = NULL WHERE ${which}`;

const skipLane: Statement = { name: 'skip_lane', text: skip(waiting) };

/** $3 reason, $4 at. */
const disable: Statement = {
  name: 'disable_endpoint',
  text: `WITH skipped AS (${skip(`d.tenant_id = $1 AND d.endpoint_id = $2 AND d.state IN ('PENDING', 'SENDING')`)})
  UPDATE webhook_endpoint SET state = 'DISABLED', disabled_reason = $3, version = version + 1, updated_at = $4, updated_by = 'redress'
  WHERE tenant_id = $1 AND id = $2 AND state = 'ENABLED' AND deleted_at IS NULL`,
};

const conflicts = new Set(['RD001', '40001', '40P01']);
const most = 5;

export class PostgresDeliveries implements DeliveryStore {
  constructor(private readonly pool: TenantPool) {}

  async claim(lane: Lane, now: Timestamp, leaseUntil: Timestamp): Promise<Claimed | undefined> {
    const [row] = await this.run(claim, lane, now, leaseUntil);
    return row?.['event_id'] ? toClaimed(row) : undefined;
  }

  async report(lane: Lane, { eventId, attempt }: Claimed, attempted: Attempted): Promise<void> {
    const { next, status = null, problem = null, at, ms } = attempted;
    const again = next.state === 'PENDING' ? next.at : null;
    await this.run(report, lane, eventId, attempt, next.state, again, status, problem, at, ms);
  }

  async release(lane: Lane, { eventId, attempt }: Claimed, until: Timestamp): Promise<void> {
    await this.run(release, lane, eventId, attempt, until);
  }

  async putOff(lane: Lane, until: Timestamp): Promise<void> {
    await this.run(putOff, lane, until);
  }

  async skip(lane: Lane): Promise<void> {
    await this.run(skipLane, lane);
  }

  async disable({ tenant, endpointId }: Lane, reason: string, at: Timestamp): Promise<void> {
    await this.pool.use(tenant, (c) => c.query(disable, [tenant, endpointId, reason, at]));
  }

  private async run(statement: Statement, lane: Lane, ...values: unknown[]): Promise<Row[]> {
    const { tenant, endpointId, exceptionId } = lane;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.pool.use(tenant, (c) =>
          c.query(statement, [tenant, endpointId, exceptionId, ...values]),
        );
      } catch (error) {
        if (attempt === most || !conflicts.has(sqlState(error) ?? '')) throw error;
      }
    }
  }
}

const toClaimed = (row: Row): Claimed => {
  const { event_id, attempts, attempts_before, payload, url, secrets } = row;
  return {
    eventId: event_id as string,
    attempt: attempts as number,
    attemptOfRound: (attempts as number) - (attempts_before as number),
    event: payload as string,
    ...(secrets !== null && { to: { url: url as string, secrets: (secrets as Buffer).toString('base64') } }),
  };
};
