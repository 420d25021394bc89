import { readContract } from '@redress/domain/testing';
import type { DataSource } from 'typeorm';
import { newId } from '../../apps/api/src/ids';
import { openDatabase } from '../../libs/typeorm/src/database/data-source';
import { Connections } from '../../libs/typeorm/src/database/tenant-pool';
import { PostgresApprovalReads } from '../../libs/typeorm/src/reads/postgres-approval-reads';
import { PostgresReads } from '../../libs/typeorm/src/reads/postgres-reads';
import { PostgresUnitOfWork } from '../../libs/typeorm/src/unit-of-work/postgres-unit-of-work';
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

describe('the Postgres lists', () => {
  const harness = async () => {
    const connections = Connections.of(dataSource);
    return {
      uow: new PostgresUnitOfWork(connections, { replyHours: 1 }),
      reads: new PostgresReads(connections),
      approvals: new PostgresApprovalReads(connections),
      newId,
      clock: () => new Date(),
    };
  };
  for (const { name, run } of readContract(harness)) it(name, run, 30_000);
});
