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
import { DispatchDesk, leaseMs, type Work } from '@redress/domain/integrations';
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
  /** The answer of a send is reported after its lease has ended, and the dispatch was taken over. */
  reportedLate: number;
  lookupFails: number;
  /** How long what was created stays hidden from look-ups; for ever from an account that may not read. */
  lagMs: number;
  /** How many dispatches are of an account to which the search shows what it created before. */
  provesSight: number;
  /** A create that names fields is refused, and sent again without them within the same attempt. */
  fieldsRefused: number;
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
  reportedLate: 0.03,
  lookupFails: 0.1,
  lagMs: 30_000,
  provesSight: 1,
  fieldsRefused: 0.1,
  redriven: 0,
};

/** An account that may create but not read: no look-up ever finds anything, and nothing shows that it would. */
export const blind = { lagMs: Infinity, provesSight: 0 } as const;

/** Look-ups find nothing, and yet say that they would: the bound on resends is all that is left. */
export const deluded = { lagMs: Infinity, provesSight: 1 } as const;

type Ticket = Readonly<{ reference: string; correlationId: string; at: number }>;
export type Step = Readonly<{ at: number; did: 'send' | 'look'; outcome: string }>;

/** An external system, everything that can go wrong on the way to it, and the time: all of it from one seed. */
export class World {
  time = Date.parse('2026-03-01T00:00:00.000Z');
  readonly tickets: Ticket[] = [];
  readonly trace: Step[] = [];
  /** Creates that were made although a success had been recorded before. */
  createdAfterSuccess = 0;
  /** The ticket that an answer named. */
  named: string | undefined;
  private successRecorded = false;
  /** The account's earlier tickets are shown, or there are none. */
  readonly isSightProven: boolean;

  constructor(
    private readonly random: Randomness,
    private readonly weather: Weather,
  ) {
    this.isSightProven = this.happens(weather.provesSight);
  }

  readonly clock = (): Date => new Date(this.time);

  happens(chance: number): boolean {
    return this.random.next() < chance;
  }

  /** Requests that a sender makes in one attempt: a refusal of fields creates nothing, and the next one goes without them. */
  post(correlationId: string): SendResult {
    while (this.happens(this.weather.fieldsRefused)) this.time += 100;
    return this.postOnce(correlationId);
  }

  /** What a POST does, and what its sender hears of it. */
  private postOnce(correlationId: string): SendResult {
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
      if (visible.length) return { outcome: 'found', tickets: visible };
      return this.isSightProven
        ? { outcome: 'none', conclusive: true }
        : { outcome: 'none', problem: 'The search shows nothing of this account.' };
    })();
    this.trace.push({ at: this.time, did: 'look', outcome: answer.outcome });
    return answer;
  }

  /** The report comes so late that another worker has taken the dispatch for given up. */
  isLate(report: Report): boolean {
    if (report.kind !== 'send' || !this.happens(this.weather.reportedLate)) return false;
    const said = this.trace.pop();
    if (said) this.trace.push({ ...said, outcome: 'late' });
    return true;
  }

  /** A ticket was named by an answer, in time or late. */
  namedBy({ answer }: Report): void {
    if (answer.outcome === 'created') this.named = answer.reference;
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
    if (report && world.isLate(report)) {
      world.time += leaseMs;
      await desk.claim(tenant, present().id);
    }
    if (report) world.namedBy(report);
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
