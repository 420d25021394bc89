import { ExceptionDesk, defaultPolicy } from '@redress/domain';
import { DispatchDesk } from '@redress/domain/integrations';
import { InMemoryUnitOfWork } from '@redress/domain/in-memory';
import { aReport, sequentialIds } from '@redress/domain/testing';
import { SecretsKeyMissing } from '../kit/secrets-errors';
import { CircuitBreakers } from '../kit/circuit-breaker';
import type { Connector } from '../kit/connector';
import { DispatchRunner, type ConnectorProvider } from './dispatch-runner';

const meta = { tenant: 'acme', actor: 'ana' };

it('a dispatch stays due where the secrets cannot be opened, and another process carries it out', async () => {
  const newId = sequentialIds();
  let now = Date.parse('2026-01-02T03:04:05.678Z');
  const ports = { uow: new InMemoryUnitOfWork(), clock: () => new Date(now), newId };
  const desk = new ExceptionDesk(ports, { ...defaultPolicy, connectors: ['JIRA'] });
  const raised = await desk.raise(aReport({ transactionId: newId() }), meta);
  if (!raised.ok) throw new Error('not raised');
  const dispatched = await desk.handle(raised.value.state.id, { type: 'dispatch', target: 'JIRA' }, meta);
  const id = (dispatched.ok && dispatched.value.dispatch?.id) || '';
  const dispatches = new DispatchDesk(ports);
  const stored = () =>
    ports.uow.run({ tenant: 'acme' }, async (tx) => ({ ok: true, value: await tx.dispatches.load(id) }));
  const state = async () => {
    const loaded = await stored();
    return loaded.ok ? loaded.value?.dispatch.state : undefined;
  };
  const runner = (ticketSystem: ConnectorProvider['ticketSystem']) =>
    new DispatchRunner(dispatches, { ticketSystem, ledger: async () => undefined }, new CircuitBreakers());
  now += 3_600_000;

  const without = runner(() => Promise.reject(new SecretsKeyMissing('needs the key 0a1b')));
  await expect(without.runJob('acme', id)).rejects.toThrow('needs the key 0a1b');
  expect(await state()).toBe('RESERVED');

  const createTicket = jest.fn(async () => ({ outcome: 'created', externalReference: 'OPS-1' }));
  const connector = { createTicket } as unknown as Connector;
  await runner(async () => connector).runJob('acme', id);
  expect(createTicket).toHaveBeenCalledTimes(1);
  expect(await state()).not.toBe('RESERVED');
});
