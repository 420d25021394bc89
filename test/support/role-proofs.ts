import { newId } from '../../apps/api/src/ids';
import { databaseDangers } from '../../libs/typeorm/src/database/database-dangers';
import { openDatabase } from '../../libs/typeorm/src/database/data-source';
import type { Cluster } from './clusters';
import { bearer, sendTo } from './http-client';
import type { RoleSetup } from './role-setups';
import type { Receiver, RunningDesk } from './running-desk';
import { until } from './until';

const options = { pool: 1, statementTimeoutMs: 5000, lockTimeoutMs: 1000 };
const denied = { code: '42501' };

/** What a desk is for, by HTTP at two processes, and what runs in the background. */
export async function workAt(
  desks: readonly RunningDesk[],
  tenant: string,
  receiver: Receiver,
): Promise<string> {
  const [one, other] = desks.map(({ url }) => sendTo(url)) as [
    ReturnType<typeof sendTo>,
    ReturnType<typeof sendTo>,
  ];
  const headers = bearer(tenant);
  const answered = async (answer: ReturnType<typeof one>, status: number) => {
    const { status: is, body, text } = await answer;
    if (is !== status) throw new Error(`${is} instead of ${status}: ${text}`);
    return body;
  };
  const endpoint = { path: '/v1/webhook-endpoints', headers, body: JSON.stringify({ url: receiver.url }) };
  await answered(one(endpoint), 201);
  const delivered = receiver.count();
  const report = JSON.stringify({
    transactionId: newId(),
    reason: 'Amount mismatch',
    amount: 12.5,
    currency: 'EUR',
  });
  const { id } = await answered(one({ path: '/v1/exceptions', headers, body: report }), 201);
  const list = await answered(other({ method: 'GET', path: '/v1/exceptions?status=OPEN', headers }), 200);
  expect(list.items).toMatchObject([{ id }]);
  const match = JSON.stringify({
    overrideReason: 'BUSINESS_DECISION',
    notes: 'Approved by finance after a call',
  });
  await answered(other({ path: `/v1/exceptions/${id}/force-match`, headers, body: match }), 200);
  // Raised and resolved: each is an event, delivered by a job.
  await until(() => receiver.count() >= delivered + 2, 20_000);
  return id as string;
}

/** Row-level security, seen from a session of the service; `mine` is an exception of `tenant`. */
export async function expectFences(
  cluster: Cluster,
  setup: RoleSetup,
  tenant: string,
  mine: string,
): Promise<void> {
  const session = await openDatabase({ url: setup.service, ...options });
  try {
    const ask = (sql: string) => session.query<Record<string, unknown>[]>(sql);
    const enter = (name: string) => ask(`SELECT set_config('redress.tenant', '${name}', false)`);
    const count = async () => Number((await ask('SELECT count(*) AS n FROM exception'))[0]!['n']);
    expect(await ask('SELECT current_user AS role')).toEqual([{ role: setup.role }]);
    expect(await count()).toBe(0);
    await enter('another tenant');
    expect(await count()).toBe(0);
    const steal = () => ask(`INSERT INTO history (tenant_id) VALUES ('${tenant}')`);
    await expect(steal()).rejects.toMatchObject({
      ...denied,
      message: expect.stringMatching(/row-level security/),
    });
    await enter(tenant);
    // The control: the row is there for those it is meant for.
    expect(await count()).toBe(1);
    for (const forbidden of [
      'DELETE FROM exception',
      'DROP TABLE exception',
      'ALTER TABLE exception ADD n int',
    ])
      await expect(ask(forbidden)).rejects.toMatchObject(denied);

    // What reaches across tenants works for a session of another one, as functions of the owner.
    await cluster.run(
      setup.database,
      `INSERT INTO idempotency (tenant_id, key, fingerprint, answer, expires_at)
       VALUES ('${tenant}', 'old', 'f', 'a', now() - interval '1 s')`,
      `UPDATE exception SET status = 'PENDING_RESOLUTION', pending = 'external', pending_since = now() - interval '9 h'
       WHERE id = '${mine}'`,
    );
    await enter('another tenant');
    expect(await ask('SELECT redress_reap_replies(100) AS gone')).toEqual([{ gone: '1' }]);
    expect(await ask('SELECT wait, waiting FROM redress_waits()')).toEqual([
      { wait: 'external', waiting: '1' },
    ]);
    expect(await ask(`SELECT DISTINCT kind FROM redress_unsettled() WHERE kind = 'mismatch'`)).toEqual([
      { kind: 'mismatch' },
    ]);
    expect(await ask(`SELECT redress_set_missing_alarms('{external}', '{1}', 10) AS n`)).toEqual([
      { n: '1' },
    ]);
    // Clusters of tests are not durable, which is one more danger each.
    const dangers = (await databaseDangers(session)).filter((danger) => !/ is off: /.test(danger));
    const creates = cluster.major < 15 && !setup.service.includes('service-password');
    expect(dangers.map((danger) => /row-level security|REVOKE CREATE/.exec(danger)?.[0])).toEqual([
      ...(creates ? ['REVOKE CREATE'] : []),
      ...(setup.unbound ? ['row-level security'] : []),
    ]);
  } finally {
    await session.destroy();
  }
}
