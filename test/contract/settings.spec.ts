import type { ApprovalRules, ReasonLists } from '@redress/domain';
import { settingContract } from '@redress/domain/testing';
import type { DataSource } from 'typeorm';
import { newId } from '../../apps/api/src/ids';
import { openDatabase } from '../../libs/typeorm/src/database/data-source';
import { Connections } from '../../libs/typeorm/src/database/tenant-pool';
import { PostgresSettingReads } from '../../libs/typeorm/src/reads/postgres-setting-reads';
import { PostgresUnitOfWork } from '../../libs/typeorm/src/unit-of-work/postgres-unit-of-work';
import { settingUnitOfWork, type SettingTable } from '../../libs/typeorm/src/repositories/setting.repository';
import { freshDatabase, type FreshDatabase } from '../support/database';

let database: FreshDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await freshDatabase();
  dataSource = await openDatabase({
    url: database.url,
    pool: 10,
    statementTimeoutMs: 10_000,
    lockTimeoutMs: 3000,
  });
}, 60_000);

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

describe('the Postgres stores of settings', () => {
  const harness = async () => {
    const connections = Connections.of(dataSource);
    const stores = <Value extends object>(table: SettingTable) => ({
      uow: settingUnitOfWork<Value>(table, dataSource, { replyHours: 1 }),
      reads: new PostgresSettingReads<Value>(connections, table),
    });
    return {
      uow: new PostgresUnitOfWork(connections, { replyHours: 1 }),
      approvalPolicy: stores<ApprovalRules>('approval_policy'),
      reasonCodes: stores<ReasonLists>('reason_codes'),
      newId,
    };
  };
  for (const { name, run } of settingContract(harness)) it(name, run, 30_000);
});
