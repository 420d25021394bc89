import type { ConnectionTransaction } from '../ports/connection-store';
import type { InboundTransaction } from '../ports/inbound-store';
import type { UnitOfWork } from '../ports/stores';
import { connectionContract, inboundContract, sequentialIds, type ContractCase } from '../testing';
import { InMemoryConnections, InMemoryInbound, InMemoryUnitOfWork } from '.';

describe('connections in memory', () => {
  const desk = new InMemoryUnitOfWork();
  const uow = new InMemoryConnections(desk);
  const newId = sequentialIds();
  const contract = connectionContract(async () => ({
    ...{ uow, desk, newId, reads: uow },
    eventsOf: async (tenant, target) => uow.events(tenant, target),
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
