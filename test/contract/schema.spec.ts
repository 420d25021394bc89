import { spawn } from 'node:child_process';
import {
  activeDisputeStates,
  addressees,
  attemptOutcomes,
  directions,
  dispatchKinds,
  disputeCategories,
  disputeLifecycle,
  dispatchStates,
  dispatchTargets,
  exceptionLifecycle,
  resolutionTypes,
  severities,
  statuses,
  waits,
} from '@redress/domain';
import { DataSource } from 'typeorm';
import { connectionTargets, deliveryStates, inboundOutcomes } from '@redress/domain/integrations';
import { migrate } from '../../libs/typeorm/src/migrations/migrate';
import { deskMigrations as migrations } from '../../libs/typeorm/src/migrations/migrate';
import { Desk1700000000001 } from '../../libs/typeorm/src/migrations/0001-desk';
import { entities, entitySchemas } from '../../libs/typeorm/src/entities/entity-schemas';
import { appRole } from '../../libs/typeorm/src/database/app-role';
import { databaseDangers } from '../../libs/typeorm/src/database/database-dangers';
import { openDatabase } from '../../libs/typeorm/src/database/data-source';
import { freshDatabase, type FreshDatabase } from '../support/database';
import { ownerOf, type Owner } from '../support/owner';
import { compiledService, serviceEnvironment, stopServices } from '../support/service-process';

let database: FreshDatabase;
let owner: Owner;

beforeAll(async () => {
  database = await freshDatabase();
  owner = ownerOf(database.url);
}, 60_000);

afterAll(async () => {
  await stopServices();
  await owner.end();
  await database.drop();
});

const tableNames = Object.keys(entitySchemas).sort();

/** What TypeORM would do to make the database as the entities say. */
async function drift(url: string): Promise<string[]> {
  const dataSource = await new DataSource({ type: 'postgres', url, entities, poolSize: 1 }).initialize();
  try {
    // Where there is a generated column, TypeORM looks up what it noted of it here; we have noted nothing.
    await dataSource.query(
      'CREATE TEMP TABLE typeorm_metadata (type text, database text, schema text, "table" text, name text, value text)',
    );
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    return upQueries.map(({ query }) => query);
  } finally {
    await dataSource.destroy();
  }
}

/**
 * Indexes, foreign keys and checks are told to the database alone, by the migrations, since entities cannot say what
 * they are made of: expressions, conditions, collations; and so is the column that serves an index alone. So TypeORM
 * would drop them, and its own note of that column; that is no drift.
 */
const isNoDrift = (query: string): boolean =>
  /^(DROP INDEX|ALTER TABLE "\w+" DROP (CONSTRAINT|COLUMN "amount_key")|DELETE FROM "typeorm_metadata")/.test(
    query,
  );

describe('the migrated database', () => {
  it('has the tables and columns that statements are built from', async () => {
    const queries = await drift(database.url);
    expect(queries.filter((query) => !isNoDrift(query))).toEqual([]);
  });

  it.each([
    ['a column less', 'ALTER TABLE dispute DROP COLUMN reopen_reason', /ADD "reopen_reason"/],
    ['a column more', 'ALTER TABLE dispute ADD extra text', /DROP COLUMN "extra"/],
    ['another type', 'ALTER TABLE dispute ALTER description TYPE varchar(10)', /description/],
    [
      'a column that may be empty',
      'ALTER TABLE dispute ALTER description DROP NOT NULL',
      /"description" SET NOT NULL/,
    ],
  ])('would be found to have %s', async (_, sql, found) => {
    const other = await freshDatabase();
    const its = ownerOf(other.url);
    await its.rows(sql);
    await its.end();
    const queries = (await drift(other.url)).filter((query) => !isNoDrift(query));
    expect(queries.join('\n')).toMatch(found);
    await other.drop();
  });

  it.each([
    ['exception_status', statuses(exceptionLifecycle)],
    ['exception_severity', severities],
    ['exception_pending', waits],
    ['exception_resolution_type', resolutionTypes],
    ['dispute_state', statuses(disputeLifecycle)],
    ['dispute_category', disputeCategories],
    ['adjustment_direction', directions],
    ['dispatch_kind', dispatchKinds],
    ['attempt_outcome', attemptOutcomes],
    ['delivery_state', deliveryStates],
    ['message_outcome', inboundOutcomes],
    ['dispatch_state', dispatchStates],
  ] as const)('allows in %s what the domain knows', async (constraint, known) => {
    const [check] = await owner.rows<{ text: string }>(
      'SELECT pg_get_constraintdef(oid) AS text FROM pg_constraint WHERE conname = $1',
      [constraint],
    );
    expect(namesIn(check!.text)).toEqual([...known]);
  });

  it.each([
    ['exception_target', dispatchTargets],
    ['dispatch_target', addressees],
    ['connection_target', connectionTargets],
    ['message_target', connectionTargets],
  ] as const)(
    'takes in %s whatever names a kind of external system, and nothing else',
    async (constraint, known) => {
      const [check] = await owner.rows<{ text: string }>(
        'SELECT pg_get_constraintdef(oid) AS text FROM pg_constraint WHERE conname = $1',
        [constraint],
      );
      const [, pattern = ''] = /~ '(.*)'::text/.exec(check!.text) ?? [];
      const taken = [...known, 'PAGERDUTY', 'pagerduty', '', "X'", 'A B'].filter((name) =>
        new RegExp(pattern).test(name),
      );
      expect(taken).toEqual([...known, 'PAGERDUTY']);
    },
  );

  it.each([
    ['dispute_one_active', activeDisputeStates],
    ['exception_identity', ['RESOLVED']],
    ['exception_by_severity', severities],
    ['exception_by_status', statuses(exceptionLifecycle)],
    ['dispute_by_state', statuses(disputeLifecycle)],
    ['dispute_by_category', disputeCategories],
  ] as const)('has in the index %s what the domain knows', async (index, known) => {
    const [found] = await owner.rows<{ text: string }>('SELECT pg_get_indexdef($1::regclass) AS text', [
      index,
    ]);
    expect(namesIn(found!.text)).toEqual([...known]);
  });

  it('would be found to allow something else', () => {
    expect(namesIn(`CHECK ((state = ANY (ARRAY['DRAFT'::text, 'WON'::text])))`)).not.toEqual(
      statuses(disputeLifecycle),
    );
  });

  it('has no tables but those, its list of migrations, and the processes that are alive', async () => {
    const rows = await owner.rows<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')`,
    );
    expect(rows.map(({ name }) => name).sort()).toEqual(
      [...tableNames, 'job_process', 'redress_migration'].sort(),
    );
  });

  it('has the tenant first in every primary key', async () => {
    const rows = await owner.rows(
      `SELECT c.relname AS name, a.attname AS first FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0] WHERE i.indisprimary AND c.relname = ANY($1)`,
      [tableNames],
    );
    expect(Object.fromEntries(rows.map(({ name, first }) => [name, first]))).toEqual(
      Object.fromEntries(tableNames.map((name) => [name, 'tenant_id'])),
    );
  });

  it('has a fence around every tenant, for reading and for writing', async () => {
    const rows = await owner.rows(
      `SELECT c.relname AS name, c.relrowsecurity AS on, p.polname AS policy, p.polcmd AS command, p.polpermissive AS permissive,
              pg_get_expr(p.polqual, c.oid) AS reads, pg_get_expr(p.polwithcheck, c.oid) AS writes
       FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid WHERE c.relname = ANY($1) ORDER BY 1`,
      [tableNames],
    );
    const own = `(tenant_id = current_setting('redress.tenant'::text, true))`;
    expect(rows).toEqual(
      tableNames.map((name) => ({
        name,
        on: true,
        policy: 'tenant',
        command: '*',
        permissive: true,
        reads: own,
        writes: own,
      })),
    );
  });
});

const namesIn = (definition: string): string[] =>
  [...definition.matchAll(/'(\w+)'::text/g)].map(([, name]) => name!);

describe('the role of the service', () => {
  it('is neither superuser nor owner and may do nothing but its work', async () => {
    const [role] = await owner.rows('SELECT * FROM pg_roles WHERE rolname = $1', [appRole]);
    expect(role).toMatchObject({
      rolsuper: false,
      rolbypassrls: false,
      rolcreatedb: false,
      rolcreaterole: false,
      rolreplication: false,
      rolcanlogin: false,
    });
    const owned = await owner.rows(
      `SELECT relname FROM pg_class WHERE relowner = $1::regrole
       UNION ALL SELECT proname FROM pg_proc WHERE proowner = $1::regrole`,
      [appRole],
    );
    expect(owned).toEqual([]);
  });

  it('has these rights and no others', async () => {
    const rows = await owner.rows<{ name: string; rights: string[] }>(
      `SELECT c.relname AS name, array_agg(r.name ORDER BY r.name) AS rights FROM pg_class c,
         unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS r(name)
       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND has_table_privilege($1, c.oid, r.name)
       GROUP BY 1`,
      [appRole],
    );
    const renewed = ['DELETE', 'INSERT', 'SELECT', 'UPDATE'];
    const rewritten = ['INSERT', 'SELECT', 'UPDATE'];
    const appended = ['INSERT', 'SELECT'];
    expect(Object.fromEntries(rows.map(({ name, rights }) => [name, rights]))).toEqual({
      access_record: appended,
      job_process: renewed,
      webhook_lane: renewed,
      exception: rewritten,
      dispute: rewritten,
      comment: rewritten,
      dispatch: rewritten,
      idempotency: rewritten,
      history: appended,
      adjustment: appended,
      forced_match: appended,
      evidence: appended,
      connection: rewritten,
      connection_change: appended,
      dispatch_attempt: appended,
      approval_policy: appended,
      reason_codes: appended,
      webhook_endpoint: rewritten,
      delivery: rewritten,
      delivery_attempt: appended,
      inbound_message: appended,
      redress_migration: ['SELECT'],
    });
    const [schema] = await owner.rows(`SELECT has_schema_privilege($1, 'public', 'CREATE') AS creates`, [
      appRole,
    ]);
    expect(schema).toEqual({ creates: false });
  });

  it('is what the service works as, and a login that can become more is told of', async () => {
    const options = { pool: 1, statementTimeoutMs: 1000, lockTimeoutMs: 1000 };
    const service = await openDatabase({ url: database.url, ...options });
    expect(await service.query('SELECT current_user AS name')).toEqual([{ name: appRole }]);
    expect((await databaseDangers(service)).filter((danger) => danger.includes('superuser'))).toHaveLength(1);
    await service.destroy();
  });
});

describe('the migrations', () => {
  const shape = (its: Owner) =>
    its.rows(
      `SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns
       WHERE table_schema = 'public' ORDER BY 1, 2`,
    );

  const empty = async (): Promise<FreshDatabase> => {
    const fresh = await freshDatabase();
    const its = ownerOf(fresh.url);
    await its.rows('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
    await its.end();
    return fresh;
  };

  it('may be run by three processes at once', async () => {
    const fresh = await empty();
    const file = compiledService().replace(
      /apps\/api\/src\/main\.js$/,
      'libs/typeorm/src/migrations/migrate.js',
    );
    const program = `require(${JSON.stringify(file)}).migrate(process.env.DATABASE_URL)
      .catch((error) => { console.error(error); process.exitCode = 1; })`;
    const codes = await Promise.all(
      [1, 2, 3].map(
        () =>
          new Promise((resolve) => {
            const options = { env: serviceEnvironment(fresh.url), stdio: 'inherit' } as const;
            spawn(process.execPath, ['--eval', program], options).once('exit', resolve);
          }),
      ),
    );
    expect(codes).toEqual([0, 0, 0]);
    const its = ownerOf(fresh.url);
    expect(await its.rows('SELECT name FROM redress_migration')).toEqual(
      migrations.map(({ name }) => ({ name })),
    );
    expect(await shape(its)).toEqual(await shape(owner));
    await its.end();
    await fresh.drop();
  }, 30_000);

  it('fail when three run at once without taking turns', async () => {
    const fresh = await empty();
    const outcomes = await Promise.allSettled(
      [1, 2, 3].map(async () => {
        const dataSource = new DataSource({
          type: 'postgres',
          url: fresh.url,
          migrations: [Desk1700000000001],
        });
        await dataSource.initialize();
        await dataSource.runMigrations().finally(() => dataSource.destroy());
      }),
    );
    expect(outcomes.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(0);
    await fresh.drop();
  }, 30_000);

  it('may be run again, undone, and done once more', async () => {
    const fresh = await freshDatabase();
    await migrate(fresh.url);
    const dataSource = await new DataSource({
      type: 'postgres',
      url: fresh.url,
      migrations: [...migrations],
      migrationsTableName: 'redress_migration',
    }).initialize();
    const its = ownerOf(fresh.url);
    await [...migrations].reduce(
      (undone) => undone.then(() => dataSource.undoLastMigration()),
      Promise.resolve(),
    );
    const left = await its.rows(
      `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
       UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace`,
    );
    expect(left).toEqual([{ name: 'redress_migration' }]);
    await dataSource.destroy();
    await migrate(fresh.url);
    expect(await shape(its)).toEqual(await shape(owner));
    await its.end();
    await fresh.drop();
  }, 30_000);
});
