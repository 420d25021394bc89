import type {
  AcceptedReasons,
  Adjustment,
  ApprovalPolicy,
  DispatchAttempt,
  ForcedMatch,
  HistoryEvent,
  Reads,
  UnitOfWork,
} from '@redress/domain';
import { storageContract } from '@redress/domain/testing';
import type { DataSource } from 'typeorm';
import { newId } from '../../apps/api/src/ids';
import { TenantPool } from '../../libs/typeorm/src/database/tenant-pool';
import { openDatabase } from '../../libs/typeorm/src/database/data-source';
import { PostgresReads } from '../../libs/typeorm/src/reads/postgres-reads';
import { PostgresUnitOfWork } from '../../libs/typeorm/src/unit-of-work/postgres-unit-of-work';
import { TypeOrmUnitOfWork } from '../../libs/typeorm/src/unit-of-work/typeorm-unit-of-work';
import { freshDatabase, type FreshDatabase } from '../support/database';
import { hostDatabase, type HostDatabase } from '../support/host-data-source';
import { ownerOf, type Owner } from '../support/owner';
import { TypeOrmTransaction } from '../support/typeorm-transaction';

let database: FreshDatabase;
let dataSource: DataSource;
let host: HostDatabase;

beforeAll(async () => {
  database = await freshDatabase();
  host = await hostDatabase();
  dataSource = await openDatabase({
    url: database.url,
    pool: 10,
    statementTimeoutMs: 10_000,
    lockTimeoutMs: 3000,
  });
}, 60_000);

afterAll(async () => {
  await dataSource.destroy();
  await host.close();
  await database.drop();
});

type StoreInTest = Readonly<{ uow: UnitOfWork; reads: Reads; url: string }>;

const ofService = (uow: UnitOfWork): StoreInTest => ({
  uow,
  reads: new PostgresReads(TenantPool.of(dataSource)),
  url: database.url,
});

const stores: readonly (readonly [string, () => StoreInTest])[] = [
  [
    'the store of the service',
    () => ofService(new PostgresUnitOfWork(TenantPool.of(dataSource), { replyHours: 1 })),
  ],
  [
    "the same store on a host's own data source, by the documented interface of the driver",
    () => ({ uow: host.store.desk, reads: host.store.reads.desk, url: host.url }),
  ],
  [
    'the same store in plain TypeORM',
    () =>
      ofService(
        new TypeOrmUnitOfWork(dataSource, { replyHours: 1 }, (scope) => new TypeOrmTransaction(scope)),
      ),
  ],
];

describe.each(stores)('%s', (_, make) => {
  let owner: Owner;
  beforeAll(() => (owner = ownerOf(make().url)));
  afterAll(() => owner.end());

  const harness = async () => {
    const { uow, reads } = make();
    return {
      uow,
      newId,
      historyOf: async (tenant: string, id: string): Promise<readonly HistoryEvent[]> =>
        (await reads.history(tenant, id, { limit: 10_000, order: 'asc' }))?.items.map((line) => line.event) ??
        [],
      adjustmentsOf: async (tenant: string, id: string): Promise<readonly Adjustment[]> =>
        // Which one reverses it is told by the list, and is no part of it.
        ((await reads.adjustments(tenant, id)) ?? []).map(
          ({ reversedBy: _reversedBy, ...adjustment }) => adjustment,
        ),
      forcedMatchesOf: async (tenant: string, id: string): Promise<readonly ForcedMatch[]> =>
        (await reads.forcedMatches(tenant, id)) ?? [],
      attemptsOf: async (tenant: string, id: string): Promise<readonly DispatchAttempt[]> => {
        const sql = 'SELECT exception_id FROM dispatch WHERE tenant_id = $1 AND id = $2';
        const [row] = await owner.rows<{ exception_id: string }>(sql, [tenant, id]);
        const all = row && (await reads.dispatches(tenant, row.exception_id));
        return all?.find(({ dispatch }) => dispatch.id === id)?.attempts ?? [];
      },
      approveUnder: async (tenant: string, { version, rules }: ApprovalPolicy) => {
        await owner.rows(
          `INSERT INTO approval_policy (tenant_id, version, id, rules, created_at, created_by)
           VALUES ($1, $2, $3, $4, now(), 'ana')`,
          [tenant, version, newId(), JSON.stringify(rules)],
        );
      },
      takeReasons: async (tenant: string, accepted: AcceptedReasons) => {
        await owner.rows(
          `INSERT INTO reason_codes (tenant_id, version, id, commands, accepted, created_at, created_by)
           SELECT $1, count(*) + 1, $2, '{}', $3, now(), 'ana' FROM reason_codes WHERE tenant_id = $1`,
          [tenant, newId(), accepted],
        );
      },
      keepBooksElsewhere: async (tenant: string) => {
        await owner.rows(
          `INSERT INTO connection
             (tenant_id, id, target, version, enabled, settings, secrets, created_at, created_by, updated_at, updated_by)
           VALUES ($1, $2, 'LEDGER', 1, true, '{}', '', now(), 'ana', now(), 'ana')`,
          [tenant, newId()],
        );
      },
    };
  };
  // Plain TypeORM asks row by row, and the machine may be busy.
  for (const { name, run } of storageContract(harness)) it(name, run, 120_000);
});
