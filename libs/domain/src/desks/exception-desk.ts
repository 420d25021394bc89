import type { Context } from '../change';
import { receive } from '../exception/receive';
import type { Callback } from '../exception/callback';
import { decide } from '../exception/exception';
import type { ExceptionChange } from '../exception/exception.change';
import type { ExceptionCommand } from '../exception/exception.lifecycle';
import { validateCommand } from '../exception/exception.validation';
import { passDeadline, type Later } from '../exception/meet-deadline';
import { defaultPolicy, type Policy } from '../exception/policy';
import type { Raise } from '../exception/report';
import type { LoadedException, Ports } from '../ports/stores';
import { ok, type Result } from '../result';
import { timestamp } from '../value/timestamp';
import { policyFor, type DispatchTargets } from './dispatch-targets';
import { handleMany, unexpectedCount, type Handled, type Order } from './handle-many';
import { Batch } from './raise-batch';
import { exceptionToDecide, saveException } from './targets';
import type { CommandMeta, ReplyCodec } from './command-meta';
import { change, find, runOnce } from './use-case';

/** Use cases of exceptions: each loads, decides and saves. */
export class ExceptionDesk {
  constructor(
    private readonly ports: Ports,
    readonly policy: Policy = defaultPolicy,
    /** Where what a tenant can dispatch to is looked up; unless given, it is what the policy says. */
    private readonly targets?: DispatchTargets,
  ) {}

  /** The same desk with another policy, such as that of one tenant. */
  under(policy: Partial<Policy>): ExceptionDesk {
    return new ExceptionDesk(this.ports, { ...this.policy, ...policy }, this.targets);
  }

  /** Reads one exception and its facts. Refused as `not_found` when the tenant has no exception with this id. */
  find(tenant: string, id: string): Promise<Result<LoadedException>> {
    return find(this.ports, tenant, exceptionToDecide(id));
  }

  /** Raises an exception, or counts it as seen again (`basedOn` > 0) while an unresolved one has the same identity. */
  raise<A = Result<ExceptionChange>>(
    report: Raise,
    meta: CommandMeta<ReplyCodec<ExceptionChange, A>>,
  ): Promise<NoInfer<A>> {
    return runOnce(
      this.ports,
      meta,
      (tx) => tx.exceptions.latest([report]),
      async (known, tx, ctx) => {
        const change = new Batch(known, ctx, this.policy).add(report);
        if (change.ok) await tx.exceptions.save(change.value);
        return change;
      },
    );
  }

  /**
   * Raises many in one unit of work: one outcome for each report, in their order. A malformed report is refused alone.
   * Repeating the call counts what is unresolved as another sighting, and raises again what was resolved.
   */
  raiseAll(reports: readonly Raise[], meta: CommandMeta): Promise<readonly Result<ExceptionChange>[]> {
    return runOnce(
      this.ports,
      meta,
      (tx) => tx.exceptions.latest(reports),
      async (known, tx, ctx) => {
        const batch = new Batch(known, ctx, this.policy);
        const outcomes = reports.map((report) => batch.add(report));
        for (const change of batch.changes()) await tx.exceptions.save(change);
        return ok(outcomes);
      },
    ).then((all) => (all.ok ? all.value : reports.map(() => all)));
  }

  /**
   * Gives one command to many exceptions: one outcome for each id, in their order; a repeated id counts once. A malformed
   * command is refused as a whole, and so is one for another number of exceptions than `expectedCount`.
   */
  async handleAll<A = Result<readonly Handled[]>>(
    ids: readonly string[],
    command: ExceptionCommand,
    meta: CommandMeta<ReplyCodec<readonly Handled[], A>>,
    expectedCount?: number,
  ): Promise<NoInfer<A>> {
    const distinct = [...new Set(ids.map((id) => id.toLowerCase()))];
    const refused = validateCommand(command) ?? unexpectedCount(distinct.length, expectedCount);
    const orders = distinct.map((id) => ({ id, commands: () => ok([command]) }));
    const policy = await policyFor(command, meta.tenant, this.policy, this.targets);
    return handleMany(this.ports, policy, orders, refused, meta);
  }

  /**
   * Gives each exception its own commands, all in one unit of work: one outcome for each order, in their order. A refused
   * order does not stop the others. An exception may be named once.
   */
  handleEach<A = Result<readonly Handled[]>>(
    orders: readonly Order[],
    meta: CommandMeta<ReplyCodec<readonly Handled[], A>>,
  ): Promise<NoInfer<A>> {
    return handleMany(this.ports, this.policy, orders, undefined, meta);
  }

  /** The report of an external system about an exception that was dispatched to it. */
  receive<A = Result<ExceptionChange>>(
    id: string,
    callback: Callback,
    meta: CommandMeta<ReplyCodec<ExceptionChange, A>>,
  ): Promise<NoInfer<A>> {
    return this.change(id, meta, ({ exception, facts }, ctx) =>
      receive(exception, callback, ctx, facts, this.policy),
    );
  }

  /** Acts on a passed deadline, once. `later`: the deadline has not come yet; undefined: there is nothing to do. */
  meetDeadline(tenant: string, id: string): Promise<Result<ExceptionChange | Later | undefined>> {
    const { uow, clock, newId } = this.ports;
    return uow.run({ tenant }, async (tx): Promise<Result<ExceptionChange | Later | undefined>> => {
      const loaded = await tx.exceptions.load(id);
      const ctx = { now: timestamp(clock()), newId };
      const due = loaded && passDeadline(loaded.exception, loaded.facts, ctx, this.policy);
      if (!due || 'later' in due) return ok(due);
      if (due.ok) await tx.exceptions.save(due.value);
      return due;
    });
  }

  /** Gives a command to an exception. Refused as `stale_version` when `expectedVersion` is not the present version. */
  async handle<A = Result<ExceptionChange>>(
    id: string,
    command: ExceptionCommand,
    meta: CommandMeta<ReplyCodec<ExceptionChange, A>>,
  ): Promise<NoInfer<A>> {
    const policy = await policyFor(command, meta.tenant, this.policy, this.targets);
    return this.change(id, meta, ({ exception, facts }, ctx) =>
      decide(exception, command, ctx, facts, policy),
    );
  }

  private change<A>(
    id: string,
    meta: CommandMeta<ReplyCodec<ExceptionChange, A>>,
    decision: (loaded: LoadedException, ctx: Context) => Result<ExceptionChange>,
  ): Promise<NoInfer<A>> {
    const target = exceptionToDecide(id);
    return change(this.ports, meta, { ...target, decide: decision, save: saveException });
  }
}
