import { newId } from '../../apps/api/src/ids';
import { migrate } from '../../libs/typeorm/src/migrations/migrate';
import { BoundedResends1700000000019 } from '../../libs/typeorm/src/migrations/0019-bounded-resends';
import { freshDatabase, type FreshDatabase } from '../support/database';
import { ownerOf, type Owner } from '../support/owner';
import { undoFrom } from '../support/undo-migrations';

let database: FreshDatabase;
let owner: Owner;

/** A database as it was before that migration. */
beforeAll(async () => {
  database = await freshDatabase();
  owner = ownerOf(database.url);
  await undoFrom(database.url, BoundedResends1700000000019);
}, 60_000);
afterAll(async () => {
  await owner.end();
  await database.drop();
});

/** Its only parent is an exception, whose columns are nothing to this. */
const exceptionId = newId();
const withoutReference = 'ServiceNow answered 201, but not with what it created';

type Row = Readonly<{
  target?: string;
  kind?: string;
  state?: string;
  sends: number;
  outcomes: readonly string[];
}>;

async function stored({
  target = 'JIRA',
  kind = 'ticket',
  state = 'UNKNOWN',
  sends,
  outcomes,
}: Row): Promise<string> {
  const id = newId();
  await owner.rows(
    `INSERT INTO dispatch (tenant_id, id, version, exception_id, target, kind, state, live, posting, sends, attempts, misses,
       sweeps, requested_by, requested_at, updated_at)
     VALUES ('t', $1, 1, $2, $3, $4, $5, false, $6, $7, 0, 0, 0, 'ana', now(), now())`,
    [id, exceptionId, target, kind, state, kind === 'posting' ? '{}' : null, sends],
  );
  for (const [i, outcome] of outcomes.entries()) {
    const isSuccess = outcome === withoutReference;
    await owner.rows(
      `INSERT INTO dispatch_attempt (tenant_id, id, dispatch_id, exception_id, at, kind, outcome, problem)
       VALUES ('t', $1, $2, $3, '2026-01-01T00:00:00Z'::timestamptz + $4 * interval '1 hour', $5, $6, $7)`,
      [
        newId(),
        id,
        exceptionId,
        i,
        ['none', 'found', 'unavailable'].includes(outcome) ? 'find' : 'send',
        isSuccess ? 'unknown' : outcome,
        isSuccess ? outcome : 'Jira answered 502',
      ],
    );
  }
  return id;
}

const rows: readonly (readonly [what: string, row: Row, doubtful: number, receivedAt?: string])[] = [
  ['was never sent', { state: 'RESERVED', sends: 0, outcomes: [] }, 0],
  ['was sent, and is there', { state: 'CONFIRMED', sends: 1, outcomes: ['created'] }, 0],
  ['was turned away twice', { state: 'RESERVED', sends: 2, outcomes: ['not_sent', 'not_sent'] }, 0],
  ['is on its way', { state: 'SENDING', sends: 2, outcomes: ['not_sent'] }, 0],
  ['crashed once', { sends: 2, outcomes: ['not_sent'] }, 1],
  ['was lost, and looked for', { sends: 1, outcomes: ['unknown', 'none', 'none'] }, 1],
  ['was sent again and again', { state: 'DEAD', sends: 10, outcomes: Array<string>(9).fill('unknown') }, 10],
  ['is on its way again', { state: 'SENDING', sends: 3, outcomes: ['unknown', 'unknown'] }, 2],
  [
    'was answered with success',
    { target: 'SERVICENOW', sends: 2, outcomes: ['unknown', withoutReference, 'none'] },
    2,
    '2026-01-01T01:00:00.000Z',
  ],
  ['is a note', { kind: 'note', sends: 1, outcomes: ['unknown'] }, 1],
  [
    'goes to a webhook',
    { target: 'WEBHOOK', state: 'RESERVED', sends: 5, outcomes: Array<string>(5).fill('unknown') },
    0,
  ],
  [
    'goes to a ledger',
    { target: 'LEDGER', kind: 'posting', state: 'RESERVED', sends: 4, outcomes: ['accepted'] },
    0,
  ],
];

describe('dispatches from before resends were bounded', () => {
  it('are counted by what is known of their sends', async () => {
    await owner.rows('SET session_replication_role = replica'); // without their exception
    const ids: string[] = [];
    for (const [, row] of rows) ids.push(await stored(row));
    await owner.rows('RESET session_replication_role');
    await migrate(database.url);
    const found = await owner.rows<{ id: string; doubtful_sends: number; received_at: Date | null }>(
      'SELECT id, doubtful_sends, received_at FROM dispatch',
    );
    const byId = new Map(found.map((row) => [row.id, row]));
    expect(
      rows.map(([what], i) => {
        const row = byId.get(ids[i]!);
        return [what, row?.doubtful_sends, row?.received_at?.toISOString()];
      }),
    ).toEqual(rows.map(([what, , doubtful, receivedAt]) => [what, doubtful, receivedAt]));
  }, 60_000);

  it('have to say so from then on', async () => {
    const [column] = await owner.rows(
      `SELECT column_default, is_nullable FROM information_schema.columns
       WHERE table_name = 'dispatch' AND column_name = 'doubtful_sends'`,
    );
    expect(column).toEqual({ column_default: null, is_nullable: 'NO' });
  });
});
