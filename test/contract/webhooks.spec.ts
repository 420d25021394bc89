import { webhookContract } from '@redress/domain/testing';
import type { DataSource } from 'typeorm';
import { newId } from '../../apps/api/src/ids';
import { openDatabase } from '../../apps/api/src/persistence/database/data-source';
import { Connections } from '../../apps/api/src/persistence/database/tenant-pool';
import { PostgresEndpointReads } from '../../apps/api/src/persistence/reads/postgres-endpoint-reads';
import { PostgresDeliveries } from '../../apps/api/src/persistence/repositories/delivery.repository';
import { endpointUnitOfWork } from '../../apps/api/src/persistence/repositories/webhook-endpoint.repository';
import { PostgresUnitOfWork } from '../../apps/api/src/persistence/unit-of-work/postgres-unit-of-work';
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

describe('the Postgres stores of webhooks', () => {
  const harness = async () => {
    const connections = Connections.of(dataSource);
    return {
      uow: new PostgresUnitOfWork(connections, { replyHours: 1 }),
      endpoints: endpointUnitOfWork(dataSource, { replyHours: 1 }),
      deliveries: new PostgresDeliveries(connections),
      reads: new PostgresEndpointReads(connections),
      newId,
    };
  };
  for (const { name, run } of webhookContract(harness)) it(name, run, 30_000);
});
