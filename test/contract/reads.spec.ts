import { readContract } from '@redress/domain/testing';
import type { DataSource } from 'typeorm';
import { newId } from '../../apps/api/src/ids';
import { TenantPool } from '../../libs/typeorm/src/database/tenant-pool';
import { PostgresApprovalReads } from '../../libs/typeorm/src/reads/postgres-approval-reads';
import { PostgresReads } from '../../libs/typeorm/src/reads/postgres-reads';
import { PostgresUnitOfWork } from '../../libs/typeorm/src/unit-of-work/postgres-unit-of-work';
import { openFreshDatabase } from '../support/open-database';

let dataSource: DataSource;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ dataSource, close } = await openFreshDatabase());
}, 60_000);
afterAll(() => close());

describe('the Postgres lists', () => {
  const harness = async () => {
    const pool = TenantPool.of(dataSource);
    return {
      uow: new PostgresUnitOfWork(pool, { replyHours: 1 }),
      reads: new PostgresReads(pool),
      approvals: new PostgresApprovalReads(pool),
      newId,
      clock: () => new Date(),
    };
  };
  for (const { name, run } of readContract(harness)) it(name, run, 30_000);
});
