import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What bounds resends of a dispatch: how many sends ended in doubt, and whether one was answered with success. */
export class BoundedResends1700000000019 implements MigrationInterface {
  readonly name = 'BoundedResends1700000000019';

  async up(db: QueryRunner): Promise<void> {
    for (const statement of up) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    for (const statement of down) await db.query(statement);
  }
}

const outcomes = ['created', 'not_sent', 'refused', 'unknown', 'found', 'none', 'unavailable', 'accepted'];

const attemptOutcome = (values: readonly string[]): string =>
  `ALTER TABLE dispatch_attempt DROP CONSTRAINT attempt_outcome,
     ADD CONSTRAINT attempt_outcome CHECK (outcome IN (${values.map((value) => `'${value}'`).join(', ')}))`;

const sendOf = `a.tenant_id = d.tenant_id AND a.dispatch_id = d.id AND a.kind = 'send'`;

const up = [
  `ALTER TABLE dispatch
     ADD doubtful_sends int4 NOT NULL DEFAULT 0 CONSTRAINT dispatch_doubtful_sends CHECK (doubtful_sends >= 0),
     ADD received_at timestamptz(3)`,
  // Every report of a send is an attempt. Sends without one crashed, except for one that is still under way. An answer of
  // success without a reference was noted as unknown, with this sentence.
  `UPDATE dispatch d SET
     doubtful_sends = greatest(0, d.sends - (d.state = 'SENDING')::int - (SELECT count(*)::int FROM dispatch_attempt a
       WHERE ${sendOf} AND a.outcome IN ('created', 'not_sent', 'refused'))),
     received_at = (SELECT min(a.at) FROM dispatch_attempt a
       WHERE ${sendOf} AND a.outcome = 'unknown' AND a.problem ~ '^\\w+ answered 2\\d\\d\\M.*, but not with what it created')
   WHERE d.target IN ('JIRA', 'SERVICENOW') AND d.sends > 0`,
  'ALTER TABLE dispatch ALTER doubtful_sends DROP DEFAULT',
  attemptOutcome([...outcomes, 'received']),
];

const down = [
  // Attempts are never removed, so those of the new kind stay.
  `${attemptOutcome(outcomes)} NOT VALID`,
  'ALTER TABLE dispatch DROP doubtful_sends, DROP received_at',
];
