import type { ConnectionTarget, InboundMessage } from '@redress/domain/integrations';
import {
  connectionContract,
  inboundContract,
  jobContract,
  readContract,
  settingContract,
  webhookContract,
} from '@redress/domain/testing';
import { entities, migrations, typeormStore } from '@redress/typeorm';
import { DataSource } from 'typeorm';
import { newId } from '../../apps/api/src/ids';
import { toMessage } from '../../libs/typeorm/src/entities/mapping';
import { hostDatabase, type HostDatabase } from '../support/host-data-source';
import { ownerOf, type Owner } from '../support/owner';
import { until } from '../support/until';

/*
 * The whole store on a data source that another service has made and migrated. That its exceptions keep the contract of
 * storage is tested with the other stores of PostgreSQL.
 */

let host: HostDatabase;
let owner: Owner;

beforeAll(async () => {
  host = await hostDatabase();
  owner = ownerOf(host.url);
}, 60_000);

afterAll(async () => {
  await owner.end();
  await host.close();
});

const first = { limit: 100, order: 'asc' } as const;

describe("the store on a host's data source keeps the contract", () => {
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
  const contracts = {
    'of settings': settingContract(async () => {
      const { desk: uow, approvalPolicy, reasonCodes, reads } = host.store;
      return {
        uow,
        approvalPolicy: { uow: approvalPolicy, reads: reads.approvalPolicy },
        reasonCodes: { uow: reasonCodes, reads: reads.reasonCodes },
        newId,
      };
    }),
    'of connections': connectionContract(async () => {
      const { desk, connections: uow, reads } = host.store;
      const eventsOf = async (tenant: string, target: ConnectionTarget) =>
        (await reads.connections.changes(tenant, target, first))?.items ?? [];
      return { uow, desk, reads: reads.connections, newId, eventsOf };
    }),
    'of inbound messages': inboundContract(async () => {
      const { desk, inbound: uow } = host.store;
      return { uow, desk, newId, messagesOf };
    }),
    'of webhooks': webhookContract(async () => {
      const { desk: uow, endpoints, deliveries, reads } = host.store;
      return { uow, endpoints, deliveries, reads: reads.endpoints, newId };
    }),
    'of lists': readContract(async () => {
      const { desk: uow, reads } = host.store;
      return { uow, reads: reads.desk, approvals: reads.approvals, newId, clock: () => new Date() };
    }),
    'of jobs': jobContract(async () => ({
      store: host.store,
      newId,
      until: (condition) => until(condition, 20_000),
    })),
  };

  describe.each(Object.entries(contracts))('%s', (_, contract) => {
    for (const { name, run } of contract) it(name, run, 30_000);
  });
});

describe('a data source that cannot be used', () => {
  const withOptions = (options: object) =>
    new DataSource({ type: 'postgres', url: host.url, entities: [...entities], ...options });
  const handler = async (): Promise<void> => undefined;
  const handlers = {
    dispatch: handler,
    deadline: handler,
    deliver: handler,
    scheduleMissingDeadlines: handler,
  };
  const silent = () => undefined;
  const options = { log: { error: silent, warn: silent, debug: silent }, graceMs: 1000 };

  async function opened<T>(dataSource: DataSource, work: () => Promise<T>): Promise<T> {
    await dataSource.initialize();
    return work().finally(() => dataSource.destroy());
  }

  it('is refused before it is initialized', () => {
    expect(() => typeormStore(withOptions({}))).toThrow(/await dataSource\.initialize\(\) first/);
  });

  it('is refused without the entities', async () => {
    const dataSource = withOptions({ entities: [] });
    await opened(dataSource, async () => {
      expect(() => typeormStore(dataSource)).toThrow(/add \.\.\.entities to its entities/);
    });
  });

  it('is refused for jobs when its pool is too small for them', async () => {
    const dataSource = withOptions({ poolSize: 4 });
    await opened(dataSource, async () => {
      const { jobs } = typeormStore(dataSource, { workers: 2 });
      await expect(jobs.start({ ...handlers, idle: handler, stop: handler }, options)).rejects.toThrow(
        /set its poolSize to more than 4, or workers to less/,
      );
    });
  });

  it('is refused for migrations when it has one connection', async () => {
    // TypeORM prints what fails.
    jest.spyOn(console, 'log').mockImplementation();
    const dataSource = withOptions({
      poolSize: 1,
      migrations: [...migrations],
      migrationsTableName: 'other',
    });
    await opened(dataSource, async () => {
      await expect(dataSource.runMigrations()).rejects.toThrow(/set poolSize to 2 or more/);
    });
  });
});
