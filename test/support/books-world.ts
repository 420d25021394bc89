import {
  AdjustmentDesk,
  ExceptionDesk,
  ok,
  type ApprovalRule,
  type CommandMeta,
  type ExceptionChange,
  type HistoryEvent,
  type LoadedException,
  type ReconException,
  type Result,
  type Transaction,
  type UnitOfWork,
} from '@redress/domain';
import { InMemoryUnitOfWork } from '@redress/domain/in-memory';
import { sequentialIds } from '@redress/domain/testing';
import { flawsOf, type Books } from './books';
import { Life, type Failpoint } from './crash/life';

const tenant = 'north';
/** How often the worker looks for alarms that are due. */
const periodMs = 60_000;

/** The desks of one process. */
export type Desks = Readonly<{ exceptions: ExceptionDesk; adjustments: AdjustmentDesk }>;

/** What somebody asks for; the same each time it is asked. */
export type Asking = (desks: Desks, meta: CommandMeta) => Promise<Result<unknown>>;
type Request = { readonly key: string; readonly actor: string; readonly ask: Asking; told?: string };

/** What is broken on purpose. */
export type Faults = Readonly<{
  forgetsReplies?: boolean;
  letsProposersIn?: boolean;
  neverExpires?: boolean;
}>;

/** Desks over a store in memory, whose processes die, and whose time goes on only when somebody waits. */
export class BooksWorld {
  readonly flaws: string[] = [];
  /** Over which steps processes have died. */
  readonly deaths: string[] = [];
  private time = Date.parse('2026-03-01T00:00:00.000Z');
  private readonly uow = new InMemoryUnitOfWork();
  private readonly ids: string[] = [];
  private readonly requests: Request[] = [];
  private readonly resolved = new Map<string, string>();
  private policies = 0;
  private readonly sequence = sequentialIds();

  constructor(private readonly faults: Faults = {}) {}

  approveUnder(rules: readonly ApprovalRule[]): void {
    this.uow.approveUnder(tenant, { version: ++this.policies, rules });
  }

  /** Somebody asks for something new, perhaps of a process that dies over it. */
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
    for (let ends = end; ; ends = undefined) {
      const due = this.faults.neverExpires
        ? Infinity
        : Math.min(...(await this.alarms()).map(({ at }) => at));
      if (nextRound(due) > until) break;
      this.time = Math.max(this.time, nextRound(due));
      // Whoever dies over it leaves it to the next worker.
      await this.work(new Life(ends));
      await this.work(new Life());
      await this.look();
    }
    this.time = Math.max(this.time, until);
    await this.look();
  }

  /** Whoever was not told asks until they are; then what they were told has to be what there is. */
  async settle(): Promise<void> {
    for (const request of this.requests) if (request.told === undefined) await this.send(request);
    const told = new Set(this.requests.flatMap(({ told }) => eventsIn(told)));
    const kept = (await this.books()).history.filter(({ actor }) => !actor.startsWith('redress:'));
    const ids = new Set(kept.map(({ id }) => id));
    for (const id of told) if (!ids.has(id)) this.flaws.push(`${id} was told, and is lost`);
    for (const { id, type } of kept) if (!told.has(id)) this.flaws.push(`nobody was told of ${type}`);
  }

  async books(): Promise<Books> {
    const exceptions = await this.exceptions();
    const ofEach = <T>(rows: (id: string) => readonly T[]) => exceptions.flatMap(({ id }) => rows(id));
    return {
      exceptions,
      history: ofEach((id) => this.uow.history(tenant, id)),
      adjustments: ofEach((id) => this.uow.adjustments(tenant, id)),
      alarms: new Set((await this.alarms()).map(({ id }) => id)),
    };
  }

  async exceptions(): Promise<readonly ReconException[]> {
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
    const once = { key, fingerprint: key };
    try {
      const told = JSON.stringify(await request.ask(this.desks(life), { tenant, actor, once }));
      request.told ??= told;
      if (told !== request.told) this.flaws.push(`${key} was answered ${request.told}, and then ${told}`);
    } catch (error) {
      this.mourn(life, error);
    }
    await this.look();
  }

  private async work(life: Life): Promise<void> {
    for (const { id, at } of await this.alarms()) {
      if (at > this.time) continue;
      try {
        await this.desks(life).exceptions.expire(tenant, id);
      } catch (error) {
        this.mourn(life, error);
      }
    }
  }

  private mourn({ struck, steps }: Life, error: unknown): void {
    if (!struck) throw error;
    this.deaths.push(`death over ${steps.at(-1)}`);
  }

  /** What somebody has to look at, and when. */
  private async alarms(): Promise<{ id: string; at: number }[]> {
    return (await this.exceptions()).flatMap(({ id, pending, proposal }) =>
      pending === 'approval' && proposal?.expiresAt ? [{ id, at: Date.parse(proposal.expiresAt) }] : [],
    );
  }

  /** Whatever happens, this is how it has to look. */
  private async look(): Promise<void> {
    const books = await this.books();
    this.flaws.push(...flawsOf(books));
    for (const { id, at } of await this.alarms())
      if (nextRound(at) < this.time) this.flaws.push(`${id} is pending past its deadline`);
    for (const { version: _version, updatedAt: _at, ...exception } of books.exceptions) {
      if (exception.status !== 'RESOLVED') continue;
      const now = JSON.stringify(exception);
      const before = this.resolved.get(exception.id) ?? now;
      if (before !== now) this.flaws.push(`resolved as ${before}, it became ${now}`);
      this.resolved.set(exception.id, before);
    }
  }

  private desks(life: Life): Desks {
    const newId = () => {
      const id = this.sequence();
      this.ids.push(id);
      return id;
    };
    const ports = {
      uow: mortalUnitOfWork(this.uow, life, this.faults),
      clock: () => new Date(this.time),
      newId,
    };
    return { exceptions: new ExceptionDesk(ports), adjustments: new AdjustmentDesk(ports) };
  }
}

const nextRound = (at: number): number => Math.ceil(at / periodMs) * periodMs;

/** The events that an answer tells of: those of one change, or of the two that a reversal is. */
function eventsIn(told: string | undefined): string[] {
  const outcome = JSON.parse(told ?? 'null') as Result<Partial<ExceptionChange> & Partial<Reversed>> | null;
  if (!outcome?.ok) return [];
  const { events, reversed, reopened } = outcome.value;
  return [events, reversed?.events, reopened?.events].flatMap((all = []) => all.map(({ id }) => id));
}

type Reversed = Record<'reversed' | 'reopened', Readonly<{ events: readonly HistoryEvent[] }>>;

/** Each thing that is asked of the store is a step, and so is the commit: a process may die at any of them. */
function mortalUnitOfWork(uow: UnitOfWork, life: Life, faults: Faults): UnitOfWork {
  return {
    run: (session, work) =>
      life.step('commit', () => uow.run(session, (tx) => work(mortal(withFaults(tx, faults), life)))),
  };
}

type Store = Record<string, (...given: unknown[]) => Promise<unknown>>;

function mortal(tx: Transaction, life: Life): Transaction {
  const stores = Object.entries(tx as unknown as Record<string, Store>).map(([name, store]) => {
    const steps = Object.entries(store).map(([what, does]) => [
      what,
      (...given: unknown[]) => life.step(`${name}.${what}`, () => does(...given)),
    ]);
    return [name, Object.fromEntries(steps)];
  });
  return Object.fromEntries(stores) as Transaction;
}

function withFaults(tx: Transaction, { forgetsReplies, letsProposersIn }: Faults): Transaction {
  const { exceptions, replies } = tx;
  const nobodyProposed = (loaded: LoadedException | undefined): LoadedException | undefined => {
    const { proposal } = loaded?.exception ?? {};
    if (!loaded || !proposal) return loaded;
    return { ...loaded, exception: { ...loaded.exception, proposal: { ...proposal, proposedBy: 'nobody' } } };
  };
  return {
    ...tx,
    ...(forgetsReplies && { replies: { ...replies, remember: async () => undefined } }),
    ...(letsProposersIn && {
      exceptions: { ...exceptions, load: async (id) => nobodyProposed(await exceptions.load(id)) },
    }),
  };
}
