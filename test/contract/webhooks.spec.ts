import { webhookContract } from '@redress/domain/testing';
import type { DataSource } from 'typeorm';
import { newId } from '../../apps/api/src/ids';
import { TenantPool } from '../../libs/typeorm/src/database/tenant-pool';
import { PostgresEndpointReads } from '../../libs/typeorm/src/reads/postgres-endpoint-reads';
import { PostgresDeliveries } from '../../libs/typeorm/src/repositories/delivery.repository';
import { endpointUnitOfWork } from '../../libs/typeorm/src/repositories/webhook-endpoint.repository';
import { PostgresUnitOfWork } from '../../libs/typeorm/src/unit-of-work/postgres-unit-of-work';
import { openFreshDatabase } from '../support/open-database';

let dataSource: DataSource;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ dataSource, close } = await openFreshDatabase());
}, 60_000);
afterAll(() => close());

describe('the Postgres stores of webhooks', () => {
  const harness = async () => {
    const pool = TenantPool.of(dataSource);
    return {
      uow: new PostgresUnitOfWork(pool, { replyHours: 1 }),
      endpoints: endpointUnitOfWork(dataSource, { replyHours: 1 }),
      deliveries: new PostgresDeliveries(pool),
      reads: new PostgresEndpointReads(pool),
      newId,
    };
  };
  for (const { name, run } of webhookContract(harness)) it(name, run, 30_000);
});
