import { Client, type PoolClient, type Submittable } from 'pg';
import { wireQueryWorks } from '../../libs/typeorm/src/database/wire-self-test';
import { freshDatabase, type FreshDatabase } from '../support/database';

type Wire = Record<string | symbol, unknown>;

let database: FreshDatabase;
let client: Client;

beforeAll(async () => {
  database = await freshDatabase();
}, 60_000);
afterAll(() => database.drop());

beforeEach(async () => {
  client = new Client({ connectionString: database.url, options: '-c timezone=UTC' });
  client.on('error', () => undefined);
  await client.connect();
});
afterEach(async () => {
  const { stream } = wire() as { stream: { destroy: () => void } };
  stream.destroy();
  await client.end().catch(() => undefined);
});

const check = () => wireQueryWorks(client as unknown as PoolClient, 'self_test');
const wire = () => (client as unknown as { connection: Wire }).connection;

/** What a query of one's own finds of the driver's connection, as if a later version had changed it. */
function changeDriver(part: string, changed: unknown): void {
  const query = client.query.bind(client) as (asked: unknown) => unknown;
  const changing = (asked: Partial<Submittable>) => {
    const submit = asked.submit?.bind(asked);
    if (submit)
      asked.submit = (connection) =>
        submit(
          new Proxy(connection as unknown as Wire, {
            get: (target, name) => (name === part ? changed : bound(target, name)),
          }) as never,
        );
    return query(asked);
  };
  Object.assign(client, { query: changing });
}

function bound(target: Wire, name: string | symbol): unknown {
  const value = target[name];
  return typeof value === 'function' ? (value.bind(target) as unknown) : value;
}

describe('the self-test of statements over the wire', () => {
  it('passes with the installed driver, again and again', async () => {
    expect(await check()).toBe(true);
    expect(await check()).toBe(true);
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });

  it('passes through the changes of this test, when they change nothing', async () => {
    changeDriver('nothing', undefined);
    expect(await check()).toBe(true);
  });

  it.each(['parsedStatements', 'stream', 'parse', 'bind', 'describe', 'execute', 'sync'])(
    'fails with a driver that has no `%s`',
    async (part) => {
      changeDriver(part, undefined);
      expect(await check()).toBe(false);
    },
  );

  it('fails with a driver that names the statement of a message otherwise', async () => {
    const original = wire()['bind'] as (values: { statement: string }) => void;
    changeDriver('bind', (values: { statement: string }) =>
      original.call(wire(), { ...values, statement: 'another' }),
    );
    expect(await check()).toBe(false);
  });

  it('fails with a driver that hands cells over as bytes', async () => {
    (
      wire()['prependListener'] as (
        event: string,
        listener: (row: { fields: (string | null | Buffer)[] }) => void,
      ) => void
    ).call(wire(), 'dataRow', (row) => {
      row.fields = row.fields.map((field) => (field === null ? field : Buffer.from(field)));
    });
    expect(await check()).toBe(false);
  });
});
