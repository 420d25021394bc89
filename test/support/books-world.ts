import {
  defaultPolicy,
  ok,
  timestamp,
  type AcceptedReasons,
  type ApprovalRule,
  type CommandMeta,
  type Dispatch,
  type HistoryEvent,
  type LoadedException,
  type ReconException,
  type Result,
  type SendResult,
  type Timestamp,
} from '@redress/domain';
import { decideInbound, type DispatchDesk, type Work } from '@redress/domain/integrations';
import { InMemoryUnitOfWork } from '@redress/domain/in-memory';
import { sequentialIds } from '@redress/domain/testing';
import { flawsOf, type Books } from './books';
import { Life, type Failpoint } from './crash/life';
import { FakeLedger, type Behaviour, type Telling } from './fake-ledger';
import { ledgerFlaws } from './ledger-books';
import { crashingDesks, type Desks, type Faults } from './crashing-desks';

const tenant = 'north';
/** How often the worker looks for alarms that are due. */
const periodMs = 60_000;

/** A request of a client; the same each time it is sent. */
export type Asking = (desks: Desks, meta: CommandMeta) => Promise<Result<unknown>>;
type Request = { readonly key: string; readonly actor: string; readonly ask: Asking; answer?: string };
type Alarm = Readonly<{ id: string; at: number; ring: (life: Life) => Promise<unknown> }>;

/** Desks over a store in memory, whose processes die, and whose time goes on only when a game waits. */
export class BooksWorld {
  readonly flaws: string[] = [];
  /** Over which steps processes have died. */
  readonly deaths: string[] = [];
  private time = Date.parse('2026-03-01T00:00:00.000Z');
  private readonly uow = new InMemoryUnitOfWork();
  private readonly ids: string[] = [];
  private readonly requests: Request[] = [];
  private readonly resolved = new Map<string, string>();
  private readonly ledger: FakeLedger;
  private isConnected = false;
  /** Answers that the worker still waits for. */
  private readonly awaited: (() => Promise<unknown>)[] = [];
  private policies = 0;
  private rules: readonly ApprovalRule[] = [];
  private readonly rulesOf = new Map<string, readonly ApprovalRule[]>();
  private readonly sequence = sequentialIds();

  constructor(
    private readonly faults: Faults = {},
    weather: readonly Behaviour[] = [],
  ) {
    this.ledger = new FakeLedger([...weather]);
  }

  approveUnder(rules: readonly ApprovalRule[]): void {
    this.rules = rules;
    this.uow.approveUnder(tenant, { version: ++this.policies, rules });
  }

  takeReasons(reasons: AcceptedReasons): void {
    this.uow.takeReasons(tenant, reasons);
  }

  keepBooksElsewhere(elsewhere: boolean): void {
    this.isConnected = elsewhere;
    this.uow.keepBooksElsewhere(tenant, elsewhere);
  }

  /** A client sends a new request, perhaps to a process that dies over it. */
  async ask(actor: string, ask: Asking, end?: Failpoint): Promise<void> {
    const request: Request = { key: `key-${this.requests.length}`, actor, ask };
    this.requests.push(request);
    await this.send(request, end);
  }

  /** What was asked before, under the same key. */
  async askAgain(which: number, end?: Failpoint): Promise<void> {
    const request = this.requests[which % this.requests.length];
    if (request) await this.send(request, end);
  }

  /** Time passes, and the worker does what is due in the meantime. */
  async wait(ms: number, end?: Failpoint): Promise<void> {
    const until = this.time + ms;
    for (let ends = end; !this.faults.neverRings; ends = undefined) {
      const round = nextRound(Math.min(...(await this.alarms()).map(({ at }) => at)));
      if (round > until) break;
      this.time = Math.max(this.time, round);
      // A worker that dies over it leaves it to the next one.
      await this.work(new Life(ends));
      await this.work(new Life());
      await this.look();
    }
    this.time = Math.max(this.time, until);
    this.ledger.arrive();
    await this.look();
  }

  /** One of the things that the ledger has to tell comes, again perhaps; or an answer that was waited for. */
  async hear(which: number, end?: Failpoint): Promise<void> {
    const { tellings } = this.ledger;
    const at = which % (tellings.length + this.awaited.length);
    const life = new Life(end);
    const telling = tellings[at];
    if (telling) await this.tryTo(life, () => this.take(telling, life));
    else await this.awaited.splice(at - tellings.length, 1)[0]?.();
    await this.look();
  }

  /** Clients without an answer repeat their requests, and nothing fails any more; what was given up is tried again. */
  async settle(): Promise<void> {
    for (const request of this.requests) if (request.answer === undefined) await this.send(request);
    this.keepBooksElsewhere(true);
    this.ledger.recover();
    await this.wait(200 * 3_600_000);
    for (const { id, state } of this.postings())
      if (state === 'DEAD') await this.ask('dee', ({ dispatches }, meta) => dispatches.redrive(id, meta));
    await this.wait(200 * 3_600_000);
    for (const telling of this.ledger.tellings) await this.take(telling, new Life());
    await this.look();
    const presented = new Set(this.requests.flatMap(({ answer }) => eventsIn(answer)));
    const { history, exceptions } = await this.books();
    const kept = new Set(history.map(({ id }) => id));
    for (const id of presented) if (!kept.has(id)) this.flaws.push(`${id} was told, and is lost`);
    for (const { id, type, actor } of history)
      if (!presented.has(id) && !actor.includes(':')) this.flaws.push(`nobody was told of ${type}`);
    for (const { id, pending } of exceptions)
      if (pending && pending !== 'external') this.flaws.push(`${id} is pending for ever`);
  }

  async books(): Promise<Books> {
    const exceptions = await this.exceptions();
    const ofEach = <T>(rows: (id: string) => readonly T[]) => exceptions.flatMap(({ id }) => rows(id));
    return {
      exceptions,
      history: ofEach((id) => this.uow.history(tenant, id)),
      adjustments: ofEach((id) => this.uow.adjustments(tenant, id)),
      matches: ofEach((id) => this.uow.forcedMatches(tenant, id)),
      alarms: new Set((await this.alarms()).map(({ id }) => id)),
      rules: this.rulesOf,
    };
  }

  /** Whether the ledger has it, as far as that can be seen. */
  isInLedger(id: string): boolean | undefined {
    return this.ledger.has(id);
  }

  /** What the ledger was asked, or is to be asked. */
  postings(): readonly Dispatch[] {
    return this.uow.dispatches(tenant).filter(({ kind }) => kind === 'posting');
  }

  private async exceptions(): Promise<readonly ReconException[]> {
    let found: readonly LoadedException[] = [];
    await this.uow.run({ tenant, dryRun: true }, async (tx) => {
      found = await tx.exceptions.loadAll(this.ids);
      return ok(undefined);
    });
    return found.map(({ exception }) => exception);
  }

  private async send(request: Request, end?: Failpoint): Promise<void> {
    const life = new Life(end);
    const { key, actor } = request;
    const idempotency = { key, fingerprint: key };
    await this.tryTo(life, async () => {
      const answer = JSON.stringify(await request.ask(this.desks(life), { tenant, actor, idempotency }));
      request.answer ??= answer;
      if (answer !== request.answer)
        this.flaws.push(`${key} was answered ${request.answer}, and then ${answer}`);
    });
    await this.look();
  }

  private async work(life: Life): Promise<void> {
    for (const { at, ring } of await this.alarms())
      if (at <= this.time) await this.tryTo(life, () => ring(life));
  }

  private async tryTo(life: Life, attempt: () => Promise<unknown>): Promise<void> {
    try {
      await attempt();
    } catch (error) {
      if (!life.struck) throw error;
      this.deaths.push(`death over ${life.steps.at(-1)}`);
    }
  }

  /** The exceptions and dispatches to look at, and when. */
  private async alarms(): Promise<Alarm[]> {
    const waits = (await this.exceptions()).map((exception) => ({
      id: exception.id,
      at: deadlineOf(exception),
      ring: (life: Life) => this.desks(life).exceptions.meetDeadline(tenant, exception.id),
    }));
    const postings = this.postings().map(({ id, nextAttemptAt }) => ({
      id,
      at: nextAttemptAt,
      ring: (life: Life) => this.carry(id, life),
    }));
    return [...waits, ...postings].flatMap(({ at, ...alarm }) =>
      at === undefined ? [] : [{ at: Date.parse(at), ...alarm }],
    );
  }

  /** Claim, call, report, as the service does it. */
  private async carry(id: string, life: Life): Promise<void> {
    const { dispatches } = this.desks(life);
    const work = await dispatches.claim(tenant, id);
    if (work === undefined || work === 'later') return;
    const { answer, isSlow } = await life.step('call', async () => this.call(work));
    const report = (desk: DispatchDesk) => desk.report(tenant, work, { kind: 'send', answer });
    if (isSlow) this.awaited.push(() => report(this.desks(new Life()).dispatches));
    else await report(dispatches);
  }

  private call({ dispatch: { id, posting } }: Work): Readonly<{ answer: SendResult; isSlow: boolean }> {
    if (!posting) throw new Error(`${id} is no posting`);
    if (!this.isConnected)
      return { answer: { outcome: 'refused', problem: 'No ledger.', unseen: true }, isSlow: false };
    const isSlow = this.ledger.isSlow();
    return { answer: this.ledger.post(this.faults.postsUnderNewIds ? this.sequence() : id, posting), isSlow };
  }

  /** What the ledger tells by itself. */
  private async take({ id, ...decision }: Telling, life: Life): Promise<void> {
    const ctx = { actor: 'external:LEDGER', now: timestamp(new Date(this.time)), newId: this.newId };
    const update =
      'reference' in decision
        ? ({ type: 'posted', ...decision } as const)
        : ({ type: 'not_posted', reason: decision.problem } as const);
    await this.desks(life).uow.run({ tenant }, async (tx) => {
      const dispatch = await tx.dispatches.load(id);
      const reversal =
        dispatch?.dispatch.posting?.type === 'reversal' ? dispatch.dispatch.posting : undefined;
      const opened = reversal?.reopenedAs && (await tx.exceptions.load(reversal.reopenedAs));
      const loaded = dispatch && { ...dispatch, ...(opened && { reopened: opened.exception }) };
      const message = { kind: 'ledger', marks: [id], update };
      const { posting } = decideInbound(message, { loaded, newest: undefined }, ctx, defaultPolicy);
      if (posting) await tx.dispatches.save(posting);
      if (posting?.exception?.reopened) await tx.exceptions.save(posting.exception.reopened);
      return ok(undefined);
    });
  }

  /** Whatever happens, this is how it has to look. */
  private async look(): Promise<void> {
    const books = await this.books();
    for (const { id } of books.history) if (!this.rulesOf.has(id)) this.rulesOf.set(id, this.rules);
    this.flaws.push(...flawsOf(books), ...ledgerFlaws(books, this.postings(), this.ledger.entries));
    for (const { id, at } of await this.alarms())
      if (nextRound(at) < this.time) this.flaws.push(`${id} is pending past its deadline`);
    for (const { version: _version, updatedAt: _at, ...found } of books.exceptions) {
      if (found.status !== 'RESOLVED') continue;
      const { pending: _pending, pendingSince: _since, proposal: _proposal, ...rest } = found;
      // Which reversals the ledger lacks is said of it, and checked with them.
      const { ledgerMismatches: _mismatches, ...exception } = rest;
      const now = JSON.stringify(exception);
      const before = this.resolved.get(exception.id) ?? now;
      if (before !== now) this.flaws.push(`resolved as ${before}, it became ${now}`);
      this.resolved.set(exception.id, before);
    }
  }

  private readonly newId = (): string => {
    const id = this.sequence();
    this.ids.push(id);
    return id;
  };

  private desks(life: Life): Desks {
    const ports = { uow: this.uow, clock: () => new Date(this.time), newId: this.newId };
    return crashingDesks(ports, life, this.faults);
  }
}

/** A proposal goes back when it expires; what the ledger does not answer is flagged after so many hours, once. */
const deadlineOf = ({
  pending,
  pendingSince,
  proposal,
  flaggedAt,
}: ReconException): Timestamp | undefined => {
  if (pending === 'approval') return proposal?.expiresAt;
  if (pending === undefined || pendingSince === undefined || flaggedAt !== undefined) return undefined;
  return timestamp(new Date(Date.parse(pendingSince) + defaultPolicy.flagAfterHours[pending] * 3_600_000));
};

const nextRound = (at: number): number => Math.ceil(at / periodMs) * periodMs;

type Changes = Partial<Record<'reversed' | 'reopened' | 'proposed' | 'exception', Changed>> &
  Partial<Changed>;
type Changed = Readonly<{ events: readonly HistoryEvent[] }>;

/** The events that an answer tells of: those of one change, of what came with it, or of the two that a reversal is. */
function eventsIn(answer: string | undefined): string[] {
  const outcome = JSON.parse(answer ?? 'null') as Result<Changes> | null;
  if (!outcome?.ok) return [];
  const { reversed, reopened, proposed, exception, ...own } = outcome.value;
  return [own, reversed, reopened, proposed, exception].flatMap(
    (change) => change?.events?.map(({ id }) => id) ?? [],
  );
}
