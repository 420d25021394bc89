import type { ApprovalRules, ReasonLists } from '@redress/domain';
import { settingContract } from '@redress/domain/testing';
import type { DataSource } from 'typeorm';
import { newId } from '../../apps/api/src/ids';
import { TenantPool } from '../../libs/typeorm/src/database/tenant-pool';
import { PostgresSettingReads } from '../../libs/typeorm/src/reads/postgres-setting-reads';
import { PostgresUnitOfWork } from '../../libs/typeorm/src/unit-of-work/postgres-unit-of-work';
import { settingUnitOfWork, type SettingTable } from '../../libs/typeorm/src/repositories/setting.repository';
import { openFreshDatabase } from '../support/open-database';

let dataSource: DataSource;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ dataSource, close } = await openFreshDatabase());
}, 60_000);
afterAll(() => close());

describe('the Postgres stores of settings', () => {
  const harness = async () => {
    const pool = TenantPool.of(dataSource);
    const stores = <Value extends object>(table: SettingTable) => ({
      uow: settingUnitOfWork<Value>(table, dataSource, { replyHours: 1 }),
      reads: new PostgresSettingReads<Value>(pool, table),
    });
    return {
      uow: new PostgresUnitOfWork(pool, { replyHours: 1 }),
      approvalPolicy: stores<ApprovalRules>('approval_policy'),
      reasonCodes: stores<ReasonLists>('reason_codes'),
      newId,
    };
  };
  for (const { name, run } of settingContract(harness)) it(name, run, 30_000);
});
