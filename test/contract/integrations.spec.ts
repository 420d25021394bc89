import { connectionContract, inboundContract } from '@redress/domain/testing';
import type { ConnectionTarget, InboundMessage } from '@redress/domain/integrations';
import type { DataSource } from 'typeorm';
import { newId } from '../../apps/api/src/ids';
import { openDatabase } from '../../libs/typeorm/src/database/data-source';
import { TenantPool } from '../../libs/typeorm/src/database/tenant-pool';
import { toMessage } from '../../libs/typeorm/src/entities/mapping';
import { PostgresConnectionReads } from '../../libs/typeorm/src/reads/postgres-connection-reads';
import { connectionUnitOfWork } from '../../libs/typeorm/src/repositories/connection.repository';
import { InboundUnitOfWork } from '../../libs/typeorm/src/repositories/inbound-message.repository';
import { PostgresUnitOfWork } from '../../libs/typeorm/src/unit-of-work/postgres-unit-of-work';
import { freshDatabase, type FreshDatabase } from '../support/database';
import { ownerOf, type Owner } from '../support/owner';

/*
 * The stores of connections and inbound messages over PostgreSQL keep the promises that those in memory keep.
 */

let database: FreshDatabase;
let dataSource: DataSource;
let owner: Owner;

beforeAll(async () => {
  database = await freshDatabase();
  owner = ownerOf(database.url);
  const timeouts = { statementTimeoutMs: 10_000, lockTimeoutMs: 3000 };
  dataSource = await openDatabase({ url: database.url, pool: 10, ...timeouts });
}, 60_000);

afterAll(async () => {
  await dataSource.destroy();
  await owner.end();
  await database.drop();
});

const options = { replyHours: 1 };

describe('the Postgres store of connections', () => {
  const contract = connectionContract(async () => {
    const pool = TenantPool.of(dataSource);
    const reads = new PostgresConnectionReads(pool);
    return {
      ...{ uow: connectionUnitOfWork(dataSource, options), desk: new PostgresUnitOfWork(pool, options) },
      ...{ reads, newId },
      eventsOf: async (tenant: string, target: ConnectionTarget) =>
        (await reads.changes(tenant, target, { limit: 100, order: 'asc' }))?.items ?? [],
    };
  });

  for (const { name, run } of contract) it(name, run, 30_000);
});

describe('the Postgres store of inbound messages', () => {
  const messagesOf = async (tenant: string): Promise<readonly InboundMessage[]> => {
    const rows = await owner.rows<Record<string, unknown>>(
      'SELECT * FROM inbound_message WHERE tenant_id = $1 ORDER BY id',
      [tenant],
    );
    return rows.map((row) => ({
      ...(toMessage(row) as InboundMessage),
      digest: (row['digest'] as Buffer).toString('hex'),
    }));
  };
  const contract = inboundContract(async () => {
    const pool = TenantPool.of(dataSource);
    return {
      ...{ uow: new InboundUnitOfWork(pool, options), desk: new PostgresUnitOfWork(pool, options) },
      ...{ newId, messagesOf },
    };
  });

  for (const { name, run } of contract) it(name, run, 30_000);
});
