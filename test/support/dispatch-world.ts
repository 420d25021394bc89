import {
  ExceptionDesk,
  defaultPolicy,
  dispatchTargets,
  type Dispatch,
  type DispatchTarget,
  type LookupResult,
  type Report,
  type Result,
  type SendResult,
  type Session,
  type Transaction,
} from '@redress/domain';
import { DispatchDesk, type Work } from '@redress/domain/integrations';
import { InMemoryUnitOfWork } from '@redress/domain/in-memory';
import { aReport } from '@redress/domain/testing';
import { newId } from '../../apps/api/src/ids';
import type { Randomness } from './seed';

/** How often what goes wrong; the rest goes well. */
export type Weather = Readonly<{
  lostOnTheWay: number;
  lostAnswer: number;
  errorAfterEffect: number;
  refused: number;
  /** Turned away before anything was done, as by a 429 or a refused connection. */
  notSent: number;
  /** Created, and answered with a success that does not say as what. */
  noReference: number;
  crashBeforeCall: number;
  crashAfterCall: number;
  lookupFails: number;
  /** How long what was created stays hidden from look-ups; for ever from an account that may not read. */
  lagMs: number;
  /** How often a person asks for a redrive, each time after a step, and whenever it is dead, up to three times. */
  redriven: number;
}>;

export const roughWeather: Weather = {
  lostOnTheWay: 0.06,
  lostAnswer: 0.08,
  errorAfterEffect: 0.05,
  refused: 0.02,
  notSent: 0,
  noReference: 0,
  crashBeforeCall: 0.04,
  crashAfterCall: 0.04,
  lookupFails: 0.1,
  lagMs: 30_000,
  redriven: 0,
};

/** An account that may create but not read: no look-up ever finds anything. */
export const blind = { lagMs: Infinity } as const;

type Ticket = Readonly<{ reference: string; correlationId: string; at: number }>;
export type Step = Readonly<{ at: number; did: 'send' | 'look'; outcome: string }>;

/** An external system, everything that can go wrong on the way to it, and the time: all of it from one seed. */
export class World {
  time = Date.parse('2026-03-01T00:00:00.000Z');
  readonly tickets: Ticket[] = [];
  readonly trace: Step[] = [];
  /** Creates that were made although a success had been recorded before. */
  createdAfterSuccess = 0;
  private successRecorded = false;

  constructor(
    private readonly random: Randomness,
    private readonly weather: Weather,
  ) {}

  readonly clock = (): Date => new Date(this.time);

  happens(chance: number): boolean {
    return this.random.next() < chance;
  }

  /** What a POST does, and what its sender hears of it. */
  post(correlationId: string): SendResult {
    const { lostOnTheWay, lostAnswer, errorAfterEffect, refused, notSent, noReference } = this.weather;
    const answer = ((): SendResult => {
      if (this.happens(notSent)) return { outcome: 'not_sent', problem: 'It answered 429.' };
      if (this.happens(refused)) return { outcome: 'refused', problem: 'No such project.' };
      if (this.happens(lostOnTheWay)) return { outcome: 'unknown', problem: 'The connection broke.' };
      const reference = `OPS-${this.tickets.length + 1}`;
      this.tickets.push({ reference, correlationId, at: this.time });
      if (this.successRecorded) this.createdAfterSuccess++;
      if (this.happens(lostAnswer)) return { outcome: 'unknown', problem: 'No answer came.' };
      if (this.happens(errorAfterEffect)) return { outcome: 'unknown', problem: 'It answered 500.' };
      if (this.happens(noReference)) return { outcome: 'received', problem: 'It answered 201 and {}.' };
      return { outcome: 'created', reference };
    })();
    this.trace.push({ at: this.time, did: 'send', outcome: answer.outcome });
    return answer;
  }

  find(correlationId: string): LookupResult {
    const answer = ((): LookupResult => {
      if (this.happens(this.weather.lookupFails))
        return { outcome: 'unavailable', problem: 'It answered 503.' };
      const visible = this.tickets.filter(
        (ticket) => ticket.correlationId === correlationId && ticket.at + this.weather.lagMs <= this.time,
      );
      return visible.length ? { outcome: 'found', tickets: visible } : { outcome: 'none' };
    })();
    this.trace.push({ at: this.time, did: 'look', outcome: answer.outcome });
    return answer;
  }

  /** A report was committed. */
  recorded({ answer: { outcome } }: Report): void {
    if (outcome === 'created' || outcome === 'received') this.successRecorded = true;
  }

  /** Whether an impatient person asks for a redrive now. */
  isRedriven(): boolean {
    return this.happens(this.weather.redriven);
  }

  /** Undefined when the process died before it could tell. */
  carryOut(work: Work): Report | undefined {
    const { id } = work.dispatch;
    if (this.happens(this.weather.crashBeforeCall)) return undefined;
    const report: Report =
      work.kind === 'send'
        ? { kind: 'send', answer: this.post(id) }
        : { kind: work.kind, answer: this.find(id) };
    if (!this.happens(this.weather.crashAfterCall)) return report;
    const said = this.trace.pop();
    if (said) this.trace.push({ ...said, outcome: 'unheard' });
    return undefined;
  }
}

const tenant = 'simulated';

/** A store that loses what bounds resends, so that the rule is the one without a bound. */
export class UnboundedUnitOfWork extends InMemoryUnitOfWork {
  override run<T>(session: Session, work: (tx: Transaction) => Promise<Result<T>>): Promise<Result<T>> {
    return super.run(session, (tx) =>
      work({
        ...tx,
        dispatches: {
          ...tx.dispatches,
          load: async (id) => {
            const loaded = await tx.dispatches.load(id);
            if (!loaded) return undefined;
            const { receivedAt: _, ...dispatch } = loaded.dispatch;
            return { ...loaded, dispatch: { ...dispatch, doubtfulSends: 0 } };
          },
        },
      }),
    );
  }
}

/** One dispatch from its reservation to the moment at which nothing is due any more and no redrive is asked for. */
export async function simulate(
  world: World,
  target: DispatchTarget = 'JIRA',
  uow: InMemoryUnitOfWork = new InMemoryUnitOfWork(),
) {
  const ports = { uow, clock: world.clock, newId };
  const exceptions = new ExceptionDesk(ports, { ...defaultPolicy, connectors: dispatchTargets });
  const desk = new DispatchDesk(ports);
  const meta = { tenant, actor: 'ana' };
  const raised = await exceptions.raise(aReport(), meta);
  if (!raised.ok) throw new Error('the report is sound');
  const exceptionId = raised.value.state.id;
  await exceptions.handle(exceptionId, { type: 'dispatch', target }, meta);
  const present = (): Dispatch => {
    const [dispatch] = uow.dispatches(tenant);
    if (!dispatch) throw new Error('it was reserved');
    return dispatch;
  };
  let redrives = 0;
  const redrive = async (): Promise<boolean> =>
    redrives < 3 && world.isRedriven() && (await desk.redrive(present().id, meta)).ok && ++redrives > 0;
  for (let round = 0; present().nextAttemptAt !== undefined || (await redrive()); round++) {
    if (round > 1000) throw new Error(`it never ends: ${JSON.stringify(present())}`);
    world.time = Math.max(world.time, Date.parse(present().nextAttemptAt ?? ''));
    const work = await desk.claim(tenant, present().id);
    if (work === undefined || work === 'later') continue;
    world.time += 1000;
    const report = world.carryOut(work);
    if (report && (await desk.report(tenant, work, report)).ok) world.recorded(report);
    await redrive();
  }
  const loaded = await exceptions.find(tenant, exceptionId);
  if (!loaded.ok) throw new Error('it is there');
  return {
    dispatch: present(),
    exception: loaded.value.exception,
    attempts: uow.attempts(tenant, present().id),
  };
}

/** The naive implementation: send it again until an answer comes, with or without a lookup before. */
export function naively(world: World, correlationId: string, lookFirst: boolean): void {
  for (let attempt = 0; attempt < 10; attempt++) {
    if (lookFirst && attempt > 0 && world.find(correlationId).outcome === 'found') return;
    const { outcome } = world.post(correlationId);
    if (outcome === 'created' || outcome === 'refused') return;
    world.time += 5_000;
  }
}
