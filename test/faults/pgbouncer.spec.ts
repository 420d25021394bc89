import { newId } from '../../apps/api/src/ids';
import { openDatabase } from '../../libs/typeorm/src/database/data-source';
import { migrate } from '../../libs/typeorm/src/migrations/migrate';
import { postgresVersions, startCluster, type Cluster } from '../support/clusters';
import { bearer, sendTo } from '../support/http-client';
import { pgBouncer, startPgBouncer, type RunningPgBouncer } from '../support/pgbouncer';
import { workAt } from '../support/role-proofs';
import { documented, type RoleSetup } from '../support/role-setups';
import { countingReceiver, inHere, type Receiver, type RunningDesk } from '../support/running-desk';
import { inParallel } from '../support/seed';

const program = pgBouncer();
const options = { pool: 4, statementTimeoutMs: 5000, lockTimeoutMs: 1000 };
const poolers: RunningPgBouncer[] = [];
const desks: RunningDesk[] = [];
let cluster: Cluster;
let setup: RoleSetup;
let receiver: Receiver;

const pooler = async (
  mode: 'session' | 'transaction',
  sessions: number,
  ...logins: string[]
): Promise<RunningPgBouncer> => {
  const started = await startPgBouncer(program!, [setup.service, setup.owner, ...logins], { mode, sessions });
  poolers.push(started);
  return started;
};

const desk = async (service: string, env: NodeJS.ProcessEnv = {}): Promise<RunningDesk> => {
  const started = await inHere({ ...setup, service }, { EGRESS_ALLOW: receiver.url, WORKERS: '1', ...env });
  desks.push(started);
  return started;
};

/** Each tenant raises, reads its own and counts, at once with the others; answers what was not as it should be. */
async function interleave(url: string, tenants: number, rounds: number): Promise<string[]> {
  const send = sendTo(url);
  const wrong: string[] = [];
  await Promise.all(
    Array.from({ length: tenants }, async (_, i) => {
      const headers = bearer(`tenant-${i}-${newId()}`);
      const ids: string[] = [];
      await inParallel(Array.from({ length: rounds }), 4, async () => {
        const body = JSON.stringify({
          transactionId: newId(),
          reason: 'AMOUNT',
          amount: '5',
          currency: 'EUR',
        });
        const raised = await send({ path: '/v1/exceptions', headers, body });
        const id = String(raised.body.id);
        ids.push(id);
        const key = { ...headers, 'x-idempotency-key': newId() };
        const assigned = await send({
          path: `/v1/exceptions/${id}/assign`,
          headers: key,
          body: JSON.stringify({ assignee: 'ana' }),
        });
        const read = await send({ method: 'GET', path: `/v1/exceptions/${id}`, headers });
        const statuses = [raised, assigned, read].map(({ status }) => status).join(' ');
        if (statuses !== '201 200 200')
          wrong.push(`${statuses} ${raised.text} ${assigned.text} ${read.text}`);
      });
      const summary = await send({ method: 'GET', path: '/v1/exceptions/summary', headers });
      const listed = await send({ method: 'GET', path: '/v1/exceptions?limit=200', headers });
      const seen = new Set((listed.body.items as { id: string }[] | undefined)?.map(({ id }) => id));
      if (seen.size !== ids.length || ids.some((id) => !seen.has(id))) wrong.push(`a list of ${seen.size}`);
      if (summary.status !== 200) wrong.push(summary.text);
    }),
  );
  return wrong;
}

const describeWithPgBouncer = program === undefined ? describe.skip : describe;

if (program === undefined)
  it.todo('no PgBouncer is installed here: apt-get install pgbouncer, and these tests run');

describeWithPgBouncer('behind PgBouncer', () => {
  beforeAll(async () => {
    receiver = await countingReceiver();
    cluster = await startCluster(postgresVersions().at(-1)!);
    setup = await documented(cluster, 'pooled');
    // What a server in another country may have set for all.
    await cluster.run('postgres', `ALTER DATABASE pooled SET TimeZone = 'America/Sao_Paulo'`);
  }, 60_000);
  afterEach(async () => {
    for (const started of desks.splice(0)) await started.stop();
    for (const started of poolers.splice(0)) await started.stop();
  });
  afterAll(async () => {
    await new Promise((resolve) => receiver.server.close(resolve));
    await cluster.stop();
  });

  it('by transaction, the service finds it out, and tenants that share a few sessions see what is theirs', async () => {
    const { urlOf } = await pooler('transaction', 3);
    const [one, other] = [await desk(urlOf(setup.service)), await desk(urlOf(setup.service))];
    await workAt([one, other], `tenant-${newId()}`, receiver);
    expect(await interleave(one.url, 3, 40)).toEqual([]);
  }, 60_000);

  it('by transaction, a service that does not migrate needs no way past it', async () => {
    const { urlOf } = await pooler('transaction', 3);
    const service = urlOf(setup.service);
    const started = await inHere({ ...setup, service, owner: service }, { MIGRATE_ON_START: 'off' });
    desks.push(started);
    expect(await interleave(started.url, 2, 5)).toEqual([]);
  });

  it('by session, it works as with the server itself', async () => {
    const { urlOf } = await pooler('session', 20);
    const started = await desk(urlOf(setup.service), { DATABASE_POOLER: 'session', DATABASE_POOL: '4' });
    await workAt([started, started], `tenant-${newId()}`, receiver);
    expect(await interleave(started.url, 2, 20)).toEqual([]);
  }, 60_000);

  it('by session, where nothing is said of it, it works as by transaction', async () => {
    const { urlOf } = await pooler('session', 20);
    const started = await desk(urlOf(setup.service), { DATABASE_POOL: '4' });
    expect(await interleave(started.url, 2, 20)).toEqual([]);
  }, 60_000);

  it('by transaction, a service that is told otherwise does not start', async () => {
    const { urlOf } = await pooler('transaction', 3);
    await expect(
      openDatabase({ url: urlOf(setup.service), ...options, pooler: 'session' }),
    ).rejects.toMatchObject({
      message: expect.stringMatching(/^DATABASE_POOLER is session, but the pooler of DATABASE_URL gives/),
    });
  });

  it('migrations ask for the server itself, or for sessions of their own', async () => {
    const { urlOf } = await pooler('transaction', 3);
    await expect(migrate(urlOf(setup.owner))).rejects.toMatchObject({
      message: expect.stringMatching(/migrations need sessions of their own: set MIGRATIONS_DATABASE_URL/),
    });
    const bySession = await pooler('session', 10);
    await migrate(bySession.urlOf(setup.owner), { serviceUrl: setup.service, pooler: 'session' });
  });

  it('one login that would have to set a role does not start', async () => {
    await cluster.run(
      'postgres',
      `CREATE ROLE single LOGIN CREATEROLE PASSWORD 'single'`,
      'CREATE DATABASE single OWNER single',
    );
    const direct = cluster.url('single', 'single');
    await migrate(direct);
    const { urlOf } = await pooler('transaction', 3, direct);
    await expect(openDatabase({ url: urlOf(direct), ...options })).rejects.toMatchObject({
      message: expect.stringMatching(/^A pooler that may lend a session .* two logins/),
    });
  });

  it.each([
    [`DateStyle = 'German'`, /ALTER ROLE … SET DateStyle = 'ISO' for it/],
    ['search_path = other, public', undefined],
    [`default_transaction_isolation = 'serializable'`, /default_transaction_isolation = 'read committed'/],
  ])('sessions of the login that begin with %s: the start says what to run', async (setting, says) => {
    await cluster.run('postgres', `ALTER ROLE pooled_service SET ${setting}`);
    const { urlOf } = await pooler('transaction', 3);
    const start = openDatabase({ url: urlOf(setup.service), ...options });
    try {
      // A schema that is not there is passed over.
      if (says) await expect(start).rejects.toMatchObject({ message: expect.stringMatching(says) });
      else await (await start).destroy();
    } finally {
      await cluster.run('postgres', `ALTER ROLE pooled_service RESET ALL`);
    }
  });

  it('the control: sessions set up once for each connection show a tenant nothing of its own', async () => {
    const { urlOf } = await pooler('transaction', 1);
    const dataSource = await openDatabase({ url: urlOf(setup.service), ...options, pooler: 'transaction' });
    try {
      const [one, other] = [dataSource.createQueryRunner(), dataSource.createQueryRunner()];
      await one.query(`SELECT set_config('redress.tenant', 'one', false)`);
      await other.query(`SELECT set_config('redress.tenant', 'other', false)`);
      const [seen] = (await one.query(`SELECT current_setting('redress.tenant') AS tenant`)) as [object];
      expect(seen).toEqual({ tenant: 'other' });
      await Promise.all([one.release(), other.release()]);
    } finally {
      await dataSource.destroy();
    }
  });
});
