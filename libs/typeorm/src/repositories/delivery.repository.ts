import type { Timestamp } from '@redress/domain';
import type { Attempted, Claimed, DeliveryEndpoint, DeliveryStore, Lane } from '@redress/domain/integrations';
import type { TenantPool, Statement } from '../database/tenant-pool';
import { sqlState } from '../database/sql-state';
import type { Row } from '../entities/entity-schemas';

/** What each does, and which locks it takes in which order, is in the migration that makes these functions. */
const claim: Statement = {
  name: 'claim_deliveries',
  text: 'SELECT * FROM redress_claim_deliveries($1, $2::uuid, $3::timestamptz, $4::timestamptz, $5::int4, $6::text)',
};

const report: Statement = {
  name: 'report_delivery',
  text: `SELECT redress_report_delivery($1, $2::uuid, $3::uuid, $4::uuid, $5::int4, $6::text, $7::timestamptz, $8::int4, $9::text,
    $10::timestamptz, $11::int4)`,
};

const release: Statement = {
  name: 'release_delivery',
  text: 'SELECT redress_release_delivery($1, $2::uuid, $3::uuid, $4::uuid, $5::int4, $6::timestamptz)',
};

const putOff: Statement = {
  name: 'put_off_endpoint',
  text: 'SELECT redress_set_endpoint_job($1, $2::uuid, $3::timestamptz, $4::text)',
};

const skip: Statement = {
  name: 'skip_deliveries',
  text: 'SELECT redress_skip_deliveries($1, $2::uuid, $3::uuid)',
};

/** $3 reason, $4 at. */
const disable: Statement = {
  name: 'disable_endpoint',
  text: `UPDATE webhook_endpoint SET state = 'DISABLED', disabled_reason = $3, version = version + 1, updated_at = $4, updated_by = 'redress'
    WHERE tenant_id = $1 AND id = $2 AND state = 'ENABLED' AND deleted_at IS NULL`,
};

const conflicts = new Set(['RD001', '40001', '40P01']);
const mostTries = 5;

/** Deliveries, and when each lane and each endpoint is to be looked at. */
export class PostgresDeliveries implements DeliveryStore {
  /** `holder`: the process that has its jobs held (`JobProcess`); when it dies, others take them over. */
  constructor(
    private readonly pool: TenantPool,
    private readonly holder = 'unknown',
  ) {}

  async claim(
    { tenant, endpointId }: DeliveryEndpoint,
    now: Timestamp,
    leaseUntil: Timestamp,
    most = 1,
  ): Promise<readonly Claimed[]> {
    return (await this.run(claim, tenant, endpointId, now, leaseUntil, most, this.holder)).map(toClaimed);
  }

  async report(lane: Lane, { eventId, attempt }: Claimed, attempted: Attempted): Promise<void> {
    const { tenant, endpointId, exceptionId } = lane;
    const { next, status = null, problem = null, at, ms } = attempted;
    const again = next.state === 'PENDING' ? next.at : null;
    const values = [attempt, next.state, again, status, problem, at, ms];
    await this.run(report, tenant, endpointId, exceptionId, eventId, ...values);
  }

  async release(lane: Lane, { eventId, attempt }: Claimed, until: Timestamp): Promise<void> {
    const { tenant, endpointId, exceptionId } = lane;
    await this.run(release, tenant, endpointId, exceptionId, eventId, attempt, until);
  }

  async putOff({ tenant, endpointId }: DeliveryEndpoint, until: Timestamp): Promise<void> {
    await this.run(putOff, tenant, endpointId, until, this.holder);
  }

  async resume({ tenant, endpointId }: DeliveryEndpoint, at: Timestamp): Promise<void> {
    await this.run(putOff, tenant, endpointId, at, null);
  }

  async skip({ tenant, endpointId, exceptionId }: Lane): Promise<void> {
    await this.run(skip, tenant, endpointId, exceptionId);
  }

  async disable({ tenant, endpointId }: DeliveryEndpoint, reason: string, at: Timestamp): Promise<void> {
    await this.run(disable, tenant, endpointId, reason, at);
    await this.run(skip, tenant, endpointId, null);
  }

  private async run(statement: Statement, tenant: string, ...values: unknown[]): Promise<Row[]> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.pool.use(tenant, (c) => c.query(statement, [tenant, ...values]));
      } catch (error) {
        if (attempt === mostTries || !conflicts.has(sqlState(error) ?? '')) throw error;
      }
    }
  }
}

const toClaimed = (row: Row): Claimed => {
  const { exception_id, event_id, attempts, attempts_before, payload, url, secrets } = row;
  return {
    exceptionId: exception_id as string,
    eventId: event_id as string,
    attempt: attempts as number,
    attemptOfRound: (attempts as number) - (attempts_before as number),
    event: payload as string,
    ...(secrets !== null && { to: { url: url as string, secrets: (secrets as Buffer).toString('base64') } }),
  };
};
