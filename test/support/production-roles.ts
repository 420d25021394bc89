import { newId } from '../../apps/api/src/ids';
import { appRole, appRoleOf } from '../../libs/typeorm/src/database/app-role';
import { openDatabase } from '../../libs/typeorm/src/database/data-source';
import { migrate } from '../../libs/typeorm/src/migrations/migrate';
import { runSql, startCluster, type Cluster, type PostgresVersion } from './clusters';
import { bearer, sendTo } from './http-client';
import { expectFences, workAt } from './role-proofs';
import { documented, roleSetups } from './role-setups';
import { countingReceiver, inHere, inProcess, type Receiver } from './running-desk';
import { compiledService, startService, stopServices } from './service-process';

const options = { pool: 1, statementTimeoutMs: 5000, lockTimeoutMs: 1000 };
const denied = { code: '42501' };

/** Real processes where `real`, and otherwise the quicker way. */
type Way = Readonly<{ real: boolean }>;

/** What the service promises of its database roles, on each of these versions, on a cluster of its own. */
export function describeProductionRoles(versions: readonly PostgresVersion[], { real }: Way): void {
  let receiver: Receiver;
  beforeAll(async () => {
    if (real) compiledService();
    receiver = await countingReceiver();
  });
  afterAll(async () => {
    await stopServices();
    await new Promise((resolve) => receiver.server.close(resolve));
  });

  if (versions.length === 0) {
    it.todo('no such PostgreSQL is installed here to run on');
    return;
  }
  describe.each(versions)('on PostgreSQL $major', (version) => {
    const start = real ? inProcess : inHere;
    const env = { WORKERS: '1', EGRESS_ALLOW: '' };
    let cluster: Cluster;

    beforeAll(async () => {
      cluster = await startCluster(version);
      env.EGRESS_ALLOW = receiver.url;
    }, 60_000);
    afterAll(() => cluster.stop());

    it.each(roleSetups)(
      'the service works with %s',
      async (_, prepare) => {
        const setup = await prepare(cluster);
        const tenant = `tenant-${newId()}`;
        // Both on an empty database: the two first starts happen at once.
        const desks = await Promise.all([start(setup, env), start(setup, env)]);
        let mine: string;
        try {
          mine = await workAt(desks, tenant, receiver);
        } finally {
          await Promise.all(desks.map((desk) => desk.stop()));
        }
        await expectFences(cluster, setup, tenant, mine);

        const again = await inHere(setup, { WORKERS: '0' });
        const { status } = await sendTo(again.url)({
          method: 'GET',
          path: '/v1/exceptions',
          headers: bearer(tenant),
        });
        await again.stop();
        expect(status).toBe(200);
      },
      60_000,
    );

    it('a second service login is granted as well, and the first goes on', async () => {
      await cluster.run('postgres', `CREATE ROLE second LOGIN PASSWORD 'second'`);
      const owner = cluster.url('two logins', 'two owner');
      await migrate(owner, { serviceUrl: cluster.url('two logins', 'second') });
      for (const login of ['second', 'two "service" Login'])
        expect(await runSql(cluster.url('two logins', login), 'SELECT * FROM exception')).toEqual([]);
      // The control: a login that no start was told of.
      await cluster.run('postgres', `CREATE ROLE third LOGIN PASSWORD 'third'`);
      const third = runSql(cluster.url('two logins', 'third'), 'SELECT * FROM exception');
      await expect(third).rejects.toMatchObject(denied);
    });

    it('the owners and logins of one installation see nothing of another', async () => {
      const other = await documented(cluster, 'other');
      await migrate(other.owner, { serviceUrl: other.service });
      const see = (url: string, database: string, ...before: string[]) => {
        const there = new URL(url);
        there.pathname = `/${database}`;
        return runSql(there.href, ...before, 'SELECT * FROM exception');
      };
      for (const url of [other.owner, other.service])
        await expect(see(url, 'redress')).rejects.toMatchObject(denied);
      // Owners with CREATEROLE, who may connect everywhere.
      await cluster.run(
        'postgres',
        `CREATE ROLE creator2 LOGIN CREATEROLE PASSWORD 'creator2'`,
        'CREATE DATABASE creator2 OWNER creator2',
      );
      const [first, second] = [cluster.url('creator', 'creator'), cluster.url('creator2', 'creator2')];
      await migrate(second);
      const enter = `SELECT set_config('redress.tenant', (SELECT min(tenant_id) FROM history), false)`;
      await expect(see(second, 'creator')).rejects.toMatchObject(denied);
      await expect(see(second, 'creator', `SET ROLE ${appRole}`)).rejects.toMatchObject(denied);
      await expect(see(first, 'creator2', `SET ROLE ${appRoleOf('creator2')}`)).rejects.toMatchObject(denied);
      // The control: with one role for both, the second would see the rows of the first.
      const [{ tenant }] = await cluster.run('creator', 'SELECT min(tenant_id) AS tenant FROM exception');
      await cluster.run('postgres', `GRANT ${appRole} TO creator2`);
      const seen = see(
        second,
        'creator',
        `SET ROLE ${appRole}`,
        enter.replace(/\(SELECT.*history\)/, `'${tenant}'`),
      );
      expect(await seen).toHaveLength(1);
      await cluster.run('postgres', `REVOKE ${appRole} FROM creator2`);
    });

    it('a plain owner without a role is told what to do, and works once that is done', async () => {
      await cluster.run(
        'postgres',
        `CREATE ROLE plain LOGIN PASSWORD 'plain'`,
        'CREATE DATABASE plain OWNER plain',
      );
      const url = cluster.url('plain', 'plain');
      const refused = await migrate(url).catch((error: unknown) => error);
      expect(refused).toMatchObject({ message: expect.stringContaining('docs/production.md') });
      const advice = /CREATE ROLE .*?; GRANT .*?;/.exec(String(refused))![0];
      await cluster.run('postgres', ...advice.split(';').filter(Boolean));
      await migrate(url);
      const session = await openDatabase({ url, ...options });
      expect(await session.query('SELECT current_user AS role')).toEqual([{ role: appRoleOf('plain') }]);
      await session.destroy();
    });

    it('a copy of a migrated database works as it is', async () => {
      const creator = cluster.url('postgres', 'creator');
      await runSql(creator, 'CREATE DATABASE copy TEMPLATE creator');
      const session = await openDatabase({ url: cluster.url('copy', 'creator'), ...options });
      expect(await session.query('SELECT current_user AS role')).toEqual([{ role: appRole }]);
      await session.destroy();
      await migrate(cluster.url('copy', 'creator'));
    });

    it('an installation of the former version goes on, and so do its processes', async () => {
      // As it was: one role for the server, policies for it alone, and a login that was granted it by hand.
      const former = appRoleOf('super');
      await cluster.run(
        'super',
        `CREATE ROLE former LOGIN PASSWORD 'former'`,
        `GRANT ${former} TO former`,
        'DROP POLICY granted ON graphile_worker._private_jobs',
        `CREATE POLICY redress_app ON graphile_worker._private_jobs TO ${former} USING (true) WITH CHECK (true)`,
      );
      await migrate(cluster.url('super', 'super'), { serviceUrl: cluster.url('super', 'former') });
      const url = cluster.url('super', 'former');
      const [{ n }] = await cluster.run('super', 'SELECT count(*) AS n FROM graphile_worker._private_jobs');
      expect(Number(n)).toBeGreaterThan(0);
      const jobs = 'SELECT count(*) AS n FROM graphile_worker._private_jobs';
      expect(await runSql(url, jobs)).toEqual([{ n }]);
      expect(await runSql(url, `SET ROLE ${former}`, jobs)).toEqual([{ n }]);
    });

    it('a session cannot have its own trigger run as the owner, in a function that reaches across tenants', async () => {
      const attack = [
        'CREATE TEMP TABLE idempotency (LIKE public.idempotency)',
        'CREATE TEMP TABLE trace (who text)',
        'GRANT ALL ON trace, idempotency TO PUBLIC',
        `INSERT INTO pg_temp.idempotency (tenant_id, key, fingerprint, answer, expires_at) VALUES ('t', 'k', 'f', 'a', '-infinity')`,
        `CREATE FUNCTION pg_temp.spy() RETURNS trigger LANGUAGE plpgsql AS
         'BEGIN INSERT INTO pg_temp.trace VALUES (current_user); RETURN OLD; END'`,
        'CREATE TRIGGER spy BEFORE DELETE ON pg_temp.idempotency FOR EACH ROW EXECUTE FUNCTION pg_temp.spy()',
        'SELECT redress_reap_replies(10)',
        'SELECT who FROM trace',
      ];
      const url = cluster.url('two logins', 'two "service" Login');
      expect(await runSql(url, ...attack)).toEqual([]);
      // The control: the same function as it was.
      await cluster.run(
        'two logins',
        'ALTER FUNCTION redress_reap_replies SET search_path = pg_catalog, public',
      );
      expect(await runSql(url, ...attack)).toEqual([{ who: 'two owner' }]);
    });

    const production = { NODE_ENV: 'production', WORKERS: '0' };
    // Where the real processes run.
    if (!real) return;

    it('in production, a login that is or can become the owner does not start', async () => {
      const url = cluster.url('creator', 'creator');
      await expect(startService(url, production)).rejects.toThrow(/"creator".*use two logins/);
      await cluster.run('postgres', `CREATE ROLE heir LOGIN PASSWORD 'heir'`, 'GRANT creator TO heir');
      const heir = startService(cluster.url('creator', 'heir'), {
        ...production,
        MIGRATIONS_DATABASE_URL: url,
      });
      await expect(heir).rejects.toThrow(/"heir".*use two logins/);
      // The control: of the documented logins it says nothing, only of the cluster, which is not durable.
      const bound = startService(cluster.url('redress', 'redress_service', 'service-password'), {
        ...production,
        MIGRATIONS_DATABASE_URL: cluster.url('redress', 'redress_owner', 'owner-password'),
      });
      const refused = await bound.catch((error: unknown) => error);
      const lines = String(refused).trim().split('\n').slice(1);
      expect(lines.filter((line) => !/^\w+ is off: /.test(line) && !line.startsWith('{'))).toEqual([]);
      expect(lines.filter((line) => line.startsWith('fsync is off'))).toHaveLength(1);
    }, 30_000);
  });
}
