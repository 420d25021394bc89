import { readContract } from '@redress/domain/testing';
import type { DataSource } from 'typeorm';
import { newId } from '../../apps/api/src/ids';
import { Connections } from '../../libs/typeorm/src/database/tenant-pool';
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
