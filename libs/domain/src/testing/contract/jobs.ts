import assert from 'node:assert/strict';
import { DispatchDesk } from '../../desks/dispatch-desk';
import { ExceptionDesk } from '../../desks/exception-desk';
import { headStartMs } from '../../dispatch/dispatch';
import type { Report } from '../../dispatch/attempt-result';
import { defaultPolicy } from '../../exception/policy';
import type { Job, JobHandlers } from '../../ports/background-jobs';
import type { DeskStore } from '../../ports/desk-store';
import { ok } from '../../result';
import { dispatchTargets } from '../../value/dispatch-target';
import { openEndpoint } from '../../webhook/decide-endpoint';
import { aContext, aReport, fixedClock, now } from '../builders';
import { accepted } from '../outcomes';

/** A whole store to be put to the test. Its clock is later than `now` of the kit, so that what is committed is due. */
export type JobHarness = Readonly<{
  store: DeskStore;
  /** UUIDs that were never given out before, in ascending order. */
  newId(): string;
  /** Gives due jobs the time to run, and rejects when the condition does not come true by that. */
  until(condition: () => boolean): Promise<void>;
}>;

type JobSetting = ReturnType<typeof freshJobs>;
type Kind = 'dispatch' | 'deadline' | 'deliver';

export function freshJobs({ store, newId, until }: JobHarness) {
  const tenant = `tenant ${newId()}`;
  const policy = { ...defaultPolicy, connectors: dispatchTargets };
  const desk = new ExceptionDesk({ uow: store.desk, clock: fixedClock, newId }, policy);
  const meta = { tenant, actor: 'ana' };
  const raised = async (): Promise<string> =>
    accepted(await desk.raise(aReport({ transactionId: newId() }), meta)).state.id;
  const dispatched = async (
    target: 'JIRA' | 'MANUAL',
  ): Promise<Readonly<{ id: string; dispatchId: string }>> => {
    const id = await raised();
    const { dispatch } = accepted(await desk.handle(id, { type: 'dispatch', target }, meta));
    assert.ok(dispatch);
    return { id, dispatchId: dispatch.id };
  };
  const subscribed = async (): Promise<string> => {
    const context = { ...aContext({ newId }), signingSecret: () => 'secret' };
    const { change } = openEndpoint({ url: 'https://acme.test/events' }, context);
    const state = { ...change.state, secrets: 'AAAA' };
    const saved = await store.endpoints.run({ tenant }, async (tx) => {
      await tx.endpoints.save({ ...change, state });
      return ok(undefined);
    });
    accepted(saved);
    return state.id;
  };

  /** Runs jobs while `work` lasts; `ran` are the ids that handlers of this tenant were given. */
  const running = async (
    work: (ran: Readonly<Record<Kind, readonly string[]>>) => Promise<void>,
    also: Partial<JobHandlers> = {},
  ): Promise<void> => {
    const ran: Record<Kind, string[]> = { dispatch: [], deadline: [], deliver: [] };
    const handler = (kind: Kind) => async (job: Job) => {
      if (job.tenant !== tenant) return;
      ran[kind].push(job.id);
      await also[kind]?.(job);
    };
    const nothing = async (): Promise<void> => undefined;
    const handlers: JobHandlers = {
      dispatch: handler('dispatch'),
      deadline: handler('deadline'),
      deliver: handler('deliver'),
      scheduleMissingDeadlines: nothing,
      idle: nothing,
      stop: also.stop ?? nothing,
    };
    const silent = (): void => undefined;
    const log = { error: silent, warn: silent, debug: silent };
    await store.jobs.start(handlers, { log, graceMs: 5_000 });
    try {
      await work(ran);
    } finally {
      await store.jobs.stop();
    }
  };
  return { store, newId, tenant, until, raised, dispatched, subscribed, running };
}

const lost: Report = { kind: 'send', answer: { outcome: 'unknown', problem: 'The connection broke.' } };
const later = (): Date => new Date(Date.parse(now) + headStartMs);

/** Fails the first time. */
const failingOnce = () => {
  let calls = 0;
  return async (): Promise<void> => {
    calls++;
    if (calls === 1) return Promise.reject(new Error('it fails once'));
  };
};

/** Jobs are committed with the changes that they are about, and run until they succeed. */
export const jobs: Readonly<Record<string, (setting: JobSetting) => Promise<void>>> = {
  'runs the job of a dispatch that is due': async ({ dispatched, running, until }) => {
    const { dispatchId } = await dispatched('JIRA');
    await running((ran) => until(() => ran.dispatch.includes(dispatchId)));
  },

  'runs what is committed while it works': async ({ dispatched, running, until }) => {
    await running(async (ran) => {
      const { dispatchId } = await dispatched('JIRA');
      await until(() => ran.dispatch.includes(dispatchId));
    });
  },

  'runs a job again that failed': async ({ dispatched, running, until }) => {
    const { dispatchId } = await dispatched('JIRA');
    const twice = (ran: readonly string[]) => ran.filter((id) => id === dispatchId).length > 1;
    await running((ran) => until(() => twice(ran.dispatch)), { dispatch: failingOnce() });
  },

  'runs the job of a passed deadline, and again when its alarm is set again': async (setting) => {
    const { id } = await setting.dispatched('MANUAL');
    const { jobs: alarms } = setting.store;
    const deadline = (job: Job): Promise<void> => alarms.scheduleJob(job.tenant, job.id, now);
    const ringing = (ran: Readonly<Record<Kind, readonly string[]>>) =>
      setting.until(() => ran.deadline.filter((one) => one === id).length > 1);
    await setting.running(ringing, { deadline });
  },

  'runs the job of a dispatch anew when a report has put it off': async ({ store, newId, ...setting }) => {
    const { dispatchId } = await setting.dispatched('JIRA');
    const desk = new DispatchDesk({ uow: store.desk, clock: later, newId });
    let reports = 0;
    const dispatch = async ({ tenant, id }: Job): Promise<void> => {
      if (reports > 0) return;
      const work = await desk.claim(tenant, id);
      assert.ok(work !== undefined && work !== 'later');
      accepted(await desk.report(tenant, work, lost));
      reports++;
    };
    const again = (ran: readonly string[]) => reports > 0 && ran.filter((id) => id === dispatchId).length > 1;
    await setting.running((ran) => setting.until(() => again(ran.dispatch)), { dispatch });
  },

  'finds the deadlines whose jobs are missing': async ({ store, ...setting }) => {
    const { id } = await setting.dispatched('MANUAL');
    // It is looked at and left alone, so that nothing is scheduled any more.
    const gone = (ran: Readonly<Record<Kind, readonly string[]>>) =>
      setting.until(() => ran.deadline.includes(id));
    await setting.running(gone);
    const rings = async (ran: Readonly<Record<Kind, readonly string[]>>) => {
      await store.jobs.scheduleMissingDeadlines(defaultPolicy);
      await setting.until(() => ran.deadline.includes(id));
    };
    await setting.running(rings);
  },

  'runs the job of an endpoint for an event that it is told of': async (setting) => {
    const endpointId = await setting.subscribed();
    await setting.raised();
    await setting.running((ran) => setting.until(() => ran.deliver.includes(endpointId)));
  },

  'begins nothing once it was stopped, and goes on when it is started again': async (setting) => {
    let former: readonly string[] = [];
    let ended = 0;
    const stop = async (): Promise<void> => {
      ended++;
    };
    const remember = async (ran: Readonly<Record<Kind, readonly string[]>>) => {
      former = ran.dispatch;
    };
    await setting.running(remember, { stop });
    assert.equal(ended, 1);
    const { dispatchId } = await setting.dispatched('JIRA');
    await setting.running((ran) => setting.until(() => ran.dispatch.includes(dispatchId)));
    assert.deepEqual(former, []);
  },

  'may be stopped without having been started': async ({ store }) => {
    await store.jobs.stop();
  },
};
