import type { ConnectionTransaction } from '../ports/connection-store';
import type { InboundMessage } from '../inbound/message';
import type { InboundFilter } from '../ports/inbound-reads';
import type { InboundTransaction } from '../ports/inbound-store';
import type { UnitOfWork } from '../ports/stores';
import { connectionContract, inboundContract, sequentialIds, type ContractCase } from '../testing';
import { InMemoryConnections, InMemoryInbound, InMemoryInboundReads, InMemoryUnitOfWork } from '.';

const firstPage = { limit: 100, order: 'asc' } as const;

describe('connections in memory', () => {
  const desk = new InMemoryUnitOfWork();
  const uow = new InMemoryConnections(desk);
  const newId = sequentialIds();
  const contract = connectionContract(async () => ({
    ...{ uow, desk, newId, reads: uow },
    eventsOf: async (tenant, target) => (await uow.changes(tenant, target, firstPage))?.items ?? [],
  }));

  for (const { name, run } of contract) it(name, run);
});

describe('inbound messages in memory', () => {
  const desk = new InMemoryUnitOfWork();
  const uow = new InMemoryInbound(desk);
  const newId = sequentialIds();
  const contract = inboundContract(async () => ({
    ...{ uow, desk, newId },
    messagesOf: async (tenant) => uow.messages(tenant),
  }));

  for (const { name, run } of contract) it(name, run);
});

describe('lists of inbound messages in memory', () => {
  const message = (id: string, over: Partial<InboundMessage>): InboundMessage => ({
    ...{ id, connectionId: 'c', target: 'JIRA', messageId: id, digest: id, kind: 'issue_updated' },
    ...{ outcome: 'applied', receivedAt: '2026-01-02T03:04:05.678Z', body: `{"of":"${id}"}`, ...over },
  });
  const stored = [
    message('m1', {}),
    message('m2', { outcome: 'refused', target: 'SERVICENOW', receivedAt: '2026-01-03T00:00:00.000Z' }),
    message('m3', { externalReference: 'OPS-1', exceptionId: 'e1' }),
  ];
  const reads = new InMemoryInboundReads({ messages: (tenant) => (tenant === 'acme' ? stored : []) });
  const listed = async (filter: InboundFilter, tenant = 'acme') =>
    (await reads.messages(tenant, filter, firstPage)).items.map(({ id }) => id);

  it('are filtered, in the order in which they were received, and for one tenant alone', async () => {
    expect(await listed({})).toEqual(['m1', 'm2', 'm3']);
    expect(await listed({ outcome: ['refused'] })).toEqual(['m2']);
    expect(await listed({ target: ['JIRA'] })).toEqual(['m1', 'm3']);
    expect(await listed({ exceptionId: ['E1'] })).toEqual(['m3']);
    expect(await listed({ externalReference: ['OPS-1'] })).toEqual(['m3']);
    expect(await listed({ receivedFrom: '2026-01-03T00:00:00Z' })).toEqual(['m2']);
    expect(await listed({ receivedBefore: '2026-01-03T00:00:00Z' })).toEqual(['m1', 'm3']);
    expect(await listed({}, 'other')).toEqual([]);
  });

  it('show the body with one message alone', async () => {
    expect(await reads.message('acme', 'm1')).toMatchObject({ id: 'm1', body: '{"of":"m1"}' });
    expect(await reads.message('acme', 'm9')).toBeUndefined();
    const [first] = (await reads.messages('acme', {}, firstPage)).items;
    expect(Object.keys(first!)).not.toEqual(expect.arrayContaining(['body']));
  });
});

/** A unit of work whose transactions are altered on their way to the work. */
const altered = <Tx>(uow: UnitOfWork<Tx>, alter: (tx: Tx) => Tx): UnitOfWork<Tx> => ({
  run: (session, work) => uow.run(session, (tx) => work(alter(tx))),
});

async function brokenPromises(contract: readonly ContractCase[]): Promise<string[]> {
  const outcomes = await Promise.allSettled(contract.map(({ run }) => run()));
  return contract.flatMap(({ name }, i) => (outcomes[i]?.status === 'rejected' ? [name] : []));
}

describe('a broken store', () => {
  it('of connections that takes a change of any version is found out', async () => {
    const desk = new InMemoryUnitOfWork();
    const uow = new InMemoryConnections(desk);
    const careless = (tx: ConnectionTransaction): ConnectionTransaction => ({
      ...tx,
      connections: {
        load: (target) => tx.connections.load(target),
        save: async (change) => {
          const basedOn = (await tx.connections.load(change.state.target))?.version ?? 0;
          await tx.connections.save({ ...change, basedOn });
        },
      },
    });
    const newId = sequentialIds();
    const contract = connectionContract(async () => ({
      ...{ uow: altered(uow, careless), desk, newId, reads: uow },
      eventsOf: async (tenant, target) => uow.events(tenant, target),
    }));
    expect(await brokenPromises(contract)).toEqual([
      'keeps one connection for each target',
      'does not save over another version',
      'lets one of several changes at once through',
    ]);
  });

  it('of messages that knows none again is found out', async () => {
    const desk = new InMemoryUnitOfWork();
    const uow = new InMemoryInbound(desk);
    const forgetful = (tx: InboundTransaction): InboundTransaction => ({
      ...tx,
      messages: {
        find: async (query) => ({ ...(await tx.messages.find(query)), seen: false }),
        keep: (message) => tx.messages.keep(message).catch(() => undefined),
      },
    });
    const newId = sequentialIds();
    const contract = inboundContract(async () => ({
      ...{ uow: altered(uow, forgetful), desk, newId },
      messagesOf: async (tenant) => uow.messages(tenant),
    }));
    expect(await brokenPromises(contract)).toEqual([
      'knows a message by its id or by its digest, within its connection',
      'keeps a message once, also when it comes several times at once',
    ]);
  });
});
