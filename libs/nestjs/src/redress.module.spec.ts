import 'reflect-metadata';
import {
  Module,
  type DynamicModule,
  type InjectionToken,
  type INestApplicationContext,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  AdjustmentDesk,
  ApprovalReads,
  CommentDesk,
  DisputeDesk,
  ExceptionDesk,
  Reads,
  type DeskStore,
  type ExternalSystems,
  type Job,
} from '@redress/domain';
import {
  ApprovalPolicyDesk,
  ApprovalPolicyReads,
  ReasonCodesDesk,
  ReasonCodesReads,
} from '@redress/domain/settings';
import { EditDesk, ImportDesk } from '@redress/domain/bulk';
import { inMemoryStore } from '@redress/domain/in-memory';
import {
  ConnectionChanges,
  ConnectionDesk,
  DispatchDesk,
  EndpointReads,
  InboundDesk,
  InboundReads,
  WebhookEndpointDesk,
} from '@redress/domain/integrations';
import { aReport, sequentialIds } from '@redress/domain/testing';
import { InjectDeskStore, InjectReads, RedressModule } from '.';
import { RedressTesting, RedressTestingModule, TestClock } from './testing';

const meta = { tenant: 'acme', actor: 'ana' };
const clock = () => new Date();
const newId = sequentialIds();
const opened: INestApplicationContext[] = [];

afterEach(async () => {
  for (const app of opened.splice(0)) await app.close();
});

async function appOf(root: DynamicModule): Promise<INestApplicationContext> {
  const app = await NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
  opened.push(app);
  return app;
}

@Module({})
class Root {}
const rootOf = (...imports: NonNullable<DynamicModule['imports']>): DynamicModule => ({
  module: Root,
  imports,
});

const raised = async (desk: ExceptionDesk): Promise<string> => {
  const outcome = await desk.raise(aReport({ transactionId: newId() }), meta);
  if (!outcome.ok) throw new Error(outcome.refusal.code);
  return outcome.value.state.id;
};

describe('the module', () => {
  it('provides every desk and every list under its class', async () => {
    const app = await appOf(rootOf(RedressModule.forRoot({ store: inMemoryStore({ clock }) })));
    const classes = [
      ...[ExceptionDesk, DisputeDesk, CommentDesk, AdjustmentDesk, DispatchDesk, ApprovalPolicyDesk],
      ...[ReasonCodesDesk, ImportDesk, EditDesk, ConnectionDesk, WebhookEndpointDesk, InboundDesk],
      ...[Reads, ApprovalReads, EndpointReads, InboundReads],
    ] as const;
    for (const one of classes) expect(app.get(one as InjectionToken)).toBeInstanceOf(one);
    // These are provided by what has their methods, whatever its class.
    expect(app.get(ConnectionChanges)).toHaveProperty('changes');
    for (const one of [ApprovalPolicyReads, ReasonCodesReads]) expect(app.get(one)).toHaveProperty('latest');
  });

  it('has them work on one store', async () => {
    const app = await appOf(rootOf(RedressModule.forRoot({ store: inMemoryStore({ clock }) })));
    const id = await raised(app.get(ExceptionDesk));
    await app.get(DisputeDesk).open(id, { category: 'OTHER', description: 'Not ours.' }, meta);
    const history = await app.get(Reads).history('acme', id, { limit: 10, order: 'asc' });
    expect(history?.items.map(({ event }) => event.type)).toEqual(['exception.raised', 'dispute.opened']);
  });

  it('can be injected where it is imported, and elsewhere when it is global', async () => {
    class Feature {
      constructor(
        readonly reads: Reads,
        readonly store: DeskStore,
      ) {}
    }
    InjectReads()(Feature, undefined, 0);
    InjectDeskStore()(Feature, undefined, 1);
    class FeatureModule {}
    const feature = { module: FeatureModule, providers: [Feature] };
    const store = inMemoryStore({ clock });
    const local = rootOf({ ...feature, imports: [RedressModule.forRoot({ store })] });
    expect((await appOf(local)).get(Feature, { strict: false })).toMatchObject({
      store,
      reads: store.reads.desk,
    });
    const global = rootOf(RedressModule.forRoot({ store, isGlobal: true }), feature);
    expect((await appOf(global)).get(Feature, { strict: false }).store).toBe(store);
    await expect(appOf(rootOf(RedressModule.forRoot({ store }), feature))).rejects.toThrow(
      /resolve dependencies/,
    );
  });

  it('takes its options from a factory', async () => {
    const token = Symbol('store');
    const storage = {
      module: class StorageModule {},
      providers: [{ provide: token, useValue: inMemoryStore({ clock }) }],
      exports: [token],
    };
    const useFactory = async (store: DeskStore) => ({ store, policy: { disputeBlocksResolving: true } });
    const app = await appOf(
      rootOf(RedressModule.forRootAsync({ imports: [storage], inject: [token], useFactory })),
    );
    expect(app.get(ExceptionDesk).policy).toMatchObject({
      disputeBlocksResolving: true,
      approvalExpiresHours: 72,
    });
  });

  it('registers nothing for the whole application', () => {
    const { providers = [], controllers } = RedressModule.forRoot({ store: inMemoryStore({ clock }) });
    const tokens = providers.map((one) => String((one as { provide: unknown }).provide));
    expect(tokens.filter((token) => token.startsWith('APP_'))).toEqual([]);
    expect(controllers).toBeUndefined();
  });
});

describe('background work', () => {
  const watched = () => {
    const store = inMemoryStore({ clock });
    return { store, start: jest.spyOn(store.jobs, 'start'), stop: jest.spyOn(store.jobs, 'stop') };
  };

  it('begins with the application and ends with it', async () => {
    const { store, start, stop } = watched();
    const app = await appOf(rootOf(RedressModule.forRoot({ store, shutdownGraceMs: 1234 })));
    expect(start).toHaveBeenCalledWith(expect.anything(), expect.objectContaining({ graceMs: 1234 }));
    expect(stop).not.toHaveBeenCalled();
    await app.close();
    expect(stop).toHaveBeenCalledTimes(1);
  });

  it('is left to other processes where it is told to be', async () => {
    const { store, start } = watched();
    await appOf(rootOf(RedressModule.forRoot({ store, backgroundWork: false })));
    expect(start).not.toHaveBeenCalled();
  });
});

describe('external systems', () => {
  const dispatchedJobs: Job[] = [];
  const systems: ExternalSystems = {
    catalog: { rulesOf: jest.fn(), inboundOf: jest.fn(), addressProblem: jest.fn() },
    connections: { byId: async () => undefined },
    vault: { encrypt: jest.fn(), decrypt: jest.fn() },
    secrets: { signingSecret: () => 's', sharedSecret: () => 's' },
    targets: async (tenant) => (tenant === 'acme' ? ['JIRA'] : []),
    dispatch: async (job) => void dispatchedJobs.push(job),
    deliver: async () => undefined,
    idle: async () => undefined,
    stop: async () => undefined,
  };
  const dispatch = { type: 'dispatch', target: 'JIRA' } as const;

  it('are asked for what a tenant can dispatch to, and get its dispatches when they are due', async () => {
    const start = new TestClock('2026-03-01T12:00:00.000Z');
    const app = await appOf(
      rootOf(RedressTestingModule.inMemory({ clock: start, connectors: () => systems })),
    );
    const desk = app.get(ExceptionDesk);
    const { runDue } = { runDue: () => app.get(RedressTesting).runDue() };
    const outcome = await desk.handle(await raised(desk), dispatch, meta);
    if (!outcome.ok) throw new Error(outcome.refusal.code);
    await runDue();
    expect(dispatchedJobs).toEqual([]);
    start.advance(2_000);
    await runDue();
    expect(dispatchedJobs).toEqual([{ tenant: 'acme', id: outcome.value.dispatch?.id }]);
    const [other] = await desk.raiseAll([aReport()], { ...meta, tenant: 'other' });
    if (!other?.ok) throw new Error('it was not raised');
    const refused = await desk.handle(other.value.state.id, dispatch, { ...meta, tenant: 'other' });
    expect(refused).toMatchObject({ ok: false, refusal: { code: 'connector_not_configured' } });
  });

  it('are people alone without connectors, and connecting one says what is missing', async () => {
    const app = await appOf(rootOf(RedressTestingModule.inMemory()));
    const desk = app.get(ExceptionDesk);
    const id = await raised(desk);
    expect(await desk.handle(id, dispatch, meta)).toMatchObject({
      refusal: { code: 'connector_not_configured' },
    });
    expect(await desk.handle(id, { ...dispatch, target: 'MANUAL' }, meta)).toMatchObject({ ok: true });
    const asked = { settings: { site: 'https://acme.test' }, secrets: {}, rotateInboundSecret: false };
    await expect(async () =>
      app.get(ConnectionDesk).put({ target: 'JIRA', enabled: true, ...asked }, meta),
    ).rejects.toThrow(/give RedressModule connectors/);
  });
});

describe('the testing module', () => {
  it('has a clock that stands until it is set, and deadlines follow it', async () => {
    const start = new TestClock('2026-03-01T12:00:00.000Z');
    const app = await appOf(rootOf(RedressTestingModule.inMemory({ clock: start })));
    const { store, runDue } = {
      store: app.get(RedressTesting).store,
      runDue: () => app.get(RedressTesting).runDue(),
    };
    const desk = app.get(ExceptionDesk);
    const id = await raised(desk);
    await desk.handle(id, { type: 'dispatch', target: 'MANUAL' }, meta);
    const types = () => store.desk.history('acme', id).map(({ type }) => type);
    await runDue();
    expect(types()).not.toContain('exception.waits_too_long');
    start.set('2026-03-09T12:00:00.000Z');
    await runDue();
    expect(types()).toContain('exception.waits_too_long');
  });

  it('refuses a clock of no time', () => {
    expect(() => new TestClock('soon')).toThrow(/"soon": give a date or its RFC 3339 text/);
  });
});
