import { atVersion, change, runOnce, type CommandMeta, type ReplyCodec } from './use-case';
import { isReversalProposed } from '../resolution/proposal';
import type { LoadedException, Ports, Transaction } from '../ports/stores';
import { defaultPolicy, type Policy } from '../exception/policy';
import { ok, refuse, type Result } from '../result';
import { timestamp } from '../value/timestamp';
import type { Context } from '../change';
import { Batch, identityOf } from './raise-batch';
import { receive, type Callback } from '../exception/callback';
import { decide, decideAll, type ExceptionChange } from '../exception/exception';
import type { ExceptionCommand } from '../exception/exception.lifecycle';
import { commandFlaw } from '../exception/exception.validation';
import { overdue, type Later } from '../exception/meet-deadline';
import type { ReconException } from '../exception/recon-exception';
import { raise, seeAgain, type Raise } from '../exception/raise';
import type { Flaw } from '../value/validation';

/** The only way in: load, decide, save. */
export class ExceptionDesk {
  constructor(
    private readonly ports: Ports,
    readonly policy: Policy = defaultPolicy,
  ) {}

  /** The same desk where other things are decided, as for one tenant. */
  under(policy: Partial<Policy>): ExceptionDesk {
    return new ExceptionDesk(this.ports, { ...this.policy, ...policy });
  }

  find(tenant: string, id: string): Promise<Result<LoadedException>> {
    return this.ports.uow.run({ tenant }, async (tx) => {
      const loaded = await tx.exceptions.load(id);
      return loaded ? ok(loaded) : refuse({ code: 'not_found', what: 'exception', id });
    });
  }

  /** Raises an exception, or counts it as seen again (`basedOn` > 0) while an unresolved one has the same identity. */
  raise<A = Result<ExceptionChange>>(
    report: Raise,
    meta: CommandMeta<ReplyCodec<ExceptionChange, A>>,
  ): Promise<NoInfer<A>> {
    return runOnce(
      this.ports,
      meta,
      (tx) => tx.exceptions.unresolved([report]),
      async ([known], tx, ctx) => {
        const change = known ? seeAgain(known, report, ctx, this.policy) : raise(report, ctx, this.policy);
        if (change.ok) await tx.exceptions.save(change.value);
        return change;
      },
    );
  }

  /**
   * Raises many in one unit of work: one outcome for each report, in their order. A malformed report is refused
   * alone. Repeating the call does no harm, since what is there already counts as seen again.
   */
  raiseAll(reports: readonly Raise[], meta: CommandMeta): Promise<readonly Result<ExceptionChange>[]> {
    return runOnce(
      this.ports,
      meta,
      (tx) => tx.exceptions.unresolved(reports),
      async (known, tx, ctx) => {
        const batch = new Batch(known, ctx, this.policy);
        const outcomes = reports.map((report) => batch.meet(report));
        for (const change of batch.changes()) await tx.exceptions.save(change);
        return ok(outcomes);
      },
    ).then((all) => (all.ok ? all.value : reports.map(() => all)));
  }

  /**
   * Gives one command to many: one outcome for each id, in their order, an id given twice once. A malformed command is
   * nobody's, so it is refused as a whole.
   */
  handleAll<A = Result<readonly Handled[]>>(
    ids: readonly string[],
    command: ExceptionCommand,
    meta: CommandMeta<ReplyCodec<readonly Handled[], A>>,
  ): Promise<NoInfer<A>> {
    const distinct = [...new Set(ids.map((id) => id.toLowerCase()))];
    const orders = distinct.map((id) => ({ id, commands: () => [command] }));
    return this.carryOutAll(orders, commandFlaw(command), meta);
  }

  /**
   * Gives each its own commands, all in one unit of work: one outcome for each order, in their order. Who may not be
   * given its commands is refused alone. An exception may be named once.
   */
  handleEach<A = Result<readonly Handled[]>>(
    orders: readonly Order[],
    meta: CommandMeta<ReplyCodec<readonly Handled[], A>>,
  ): Promise<NoInfer<A>> {
    return this.carryOutAll(orders, undefined, meta);
  }

  private carryOutAll<A>(
    orders: readonly Order[],
    flaw: Flaw,
    meta: CommandMeta<ReplyCodec<readonly Handled[], A>>,
  ): Promise<NoInfer<A>> {
    return runOnce(
      this.ports,
      meta,
      async (tx) => withUnresolved(tx, await tx.exceptions.loadAll(orders.map(({ id }) => id))),
      async (loaded, tx, ctx) => {
        if (flaw) return refuse(flaw);
        const found = new Map(loaded.map((entry) => [entry.exception.id, entry]));
        const handled = orders.map((order): Handled => {
          const entry = found.get(order.id.toLowerCase());
          return { id: order.id, outcome: this.carryOut(order, entry, ctx) };
        });
        for (const { outcome } of handled) {
          if (outcome.ok && outcome.value.events.length) await save(tx, outcome.value);
        }
        return ok(handled);
      },
    );
  }

  private carryOut(order: Order, entry: LoadedException | undefined, ctx: Context): Result<ExceptionChange> {
    if (!entry) return refuse({ code: 'not_found', what: 'exception', id: order.id });
    const { exception, facts } = entry;
    const current = atVersion(order, exception.version);
    return current.ok ? decideAll(exception, order.commands(exception), ctx, facts, this.policy) : current;
  }

  /** What an external system says about an exception that was dispatched to it. */
  receive<A = Result<ExceptionChange>>(
    id: string,
    callback: Callback,
    meta: CommandMeta<ReplyCodec<ExceptionChange, A>>,
  ): Promise<NoInfer<A>> {
    return this.change(id, meta, (loaded, ctx) =>
      receive(loaded.exception, callback, ctx, loaded.facts, this.policy),
    );
  }

  /**
   * Does what is due when the time of a wait is over: gives a proposal back, and flags what waits for anybody else. Asked
   * twice, it does so once. `later`: its time has not come; undefined: there is nothing to be done.
   */
  meetDeadline(tenant: string, id: string): Promise<Result<ExceptionChange | Later | undefined>> {
    const { uow, clock, newId } = this.ports;
    return uow.run({ tenant }, async (tx): Promise<Result<ExceptionChange | Later | undefined>> => {
      const loaded = await tx.exceptions.load(id);
      const ctx = { now: timestamp(clock()), newId };
      const due = loaded && overdue(loaded.exception, loaded.facts, ctx, this.policy);
      if (!due || 'later' in due) return ok(due);
      if (due.ok) await tx.exceptions.save(due.value);
      return due;
    });
  }

  handle<A = Result<ExceptionChange>>(
    id: string,
    command: ExceptionCommand,
    meta: CommandMeta<ReplyCodec<ExceptionChange, A>>,
  ): Promise<NoInfer<A>> {
    return this.change(id, meta, (loaded, ctx) =>
      decide(loaded.exception, command, ctx, loaded.facts, this.policy),
    );
  }

  private change<A>(
    id: string,
    meta: CommandMeta<ReplyCodec<ExceptionChange, A>>,
    decision: (loaded: LoadedException, ctx: Context) => Result<ExceptionChange>,
  ): Promise<NoInfer<A>> {
    return change(this.ports, meta, {
      load: async (tx) => {
        const loaded = await tx.exceptions.load(id);
        return loaded && (await withUnresolved(tx, [loaded]))[0];
      },
      missing: { code: 'not_found', what: 'exception', id },
      version: ({ exception }) => exception.version,
      decide: decision,
      save,
    });
  }
}

/** With what a reversal depends on, where one was proposed. */
async function withUnresolved(
  tx: Transaction,
  loaded: readonly LoadedException[],
): Promise<readonly LoadedException[]> {
  const reversing = loaded.map(({ exception }) => exception).filter(isReversalProposed);
  if (!reversing.length) return loaded;
  const found = new Map((await tx.exceptions.unresolved(reversing)).map((one) => [identityOf(one), one]));
  return loaded.map(({ exception, facts }) => {
    const unresolved = isReversalProposed(exception) && found.get(identityOf(exception));
    return { exception, facts: { ...facts, ...(unresolved && { unresolved }) } };
  });
}

/** With the exception that a reversal opens again. */
async function save(tx: Transaction, { reopened, ...change }: ExceptionChange): Promise<void> {
  await tx.exceptions.save(change);
  if (reopened) await tx.exceptions.save(reopened);
}

/** What one of many is to do: nothing, when there are no commands. */
export type Order = Readonly<{
  id: string;
  expectedVersion?: number;
  commands: (exception: ReconException) => readonly ExceptionCommand[];
}>;

/** What became of one of many. */
export type Handled = Readonly<{ id: string; outcome: Result<ExceptionChange> }>;
