import type { Context } from '../change';
import { dispatchTarget, loadDispatch, saveDispatch, type DispatchToDecide } from './targets';
import type { CommandMeta, ReplyCodec } from './command-meta';
import { atVersion, change, find } from './use-case';
import type { Ports, Transaction } from '../ports/stores';
import { ok, refuse, type Result } from '../result';
import { timestamp } from '../value/timestamp';
import type { Report } from '../dispatch/attempt-result';
import { defaultLookupPolicies, type LookupPolicies } from '../dispatch/lookup-policy';
import { dueWork, type Dispatch } from '../dispatch/dispatch';
import { lateCommand } from '../dispatch/late-report';
import { missingTicket, withoutCall } from '../dispatch/without-call';
import type { Addressee, DispatchCommand } from '../dispatch/dispatch.lifecycle';
import type { OperatorAnswer } from '../dispatch/operator-answer';
import { decideOperatorAnswer } from '../outcome/operator-answer';
import { interpretReport } from '../dispatch/interpret-report';
import { decideOutcome, type DispatchChange } from '../outcome/decide-outcome';

/**
 * A claimed attempt: it is made before the lease ends, and reported with the version of the dispatch. `ticketReference` is
 * of the ticket a note belongs to.
 */
export type Work = Readonly<{ kind: Report['kind']; dispatch: Dispatch; ticketReference?: string }>;

/** Why a target is not called now, and the delay until the next try. */
export type Blocked = Readonly<{ problem: string; afterMs: number }>;

/** `early`: the request that reserved the dispatch claims it before it is due. */
export type Claiming = Readonly<{
  early?: boolean;
  /** Why no call can be made to a target now, such as an open circuit breaker; undefined when one can. */
  blocked?: (target: Addressee) => Blocked | undefined;
}>;

/** The actor that the history names for dispatches. */
export const dispatcher = 'redress:dispatcher';

/** Use cases of dispatches: reserve → call → confirm, without the call. */
export class DispatchDesk {
  constructor(
    private readonly ports: Ports,
    private readonly assurances: LookupPolicies = defaultLookupPolicies,
    /** Hours after which an answer that awaits others counts for nothing. */
    private readonly answerExpiresHours?: number,
  ) {}

  /** Where a dispatch goes to; undefined when nothing is to be done for it any more. */
  async targetOf(tenant: string, id: string): Promise<Addressee | undefined> {
    const found = await find(this.ports, tenant, dispatchTarget(id));
    const { dispatch } = found.ok ? found.value : {};
    return dispatch?.nextAttemptAt === undefined ? undefined : dispatch.target;
  }

  /**
   * Claims a due dispatch, for one worker at a time, before anything is sent, so that a crash during the call is recognized.
   * `later`: it is not due yet; undefined: no call has to be made.
   */
  async claim(tenant: string, id: string, claiming: Claiming = {}): Promise<Work | 'later' | undefined> {
    const claimed = await this.ports.uow.run(
      { tenant },
      async (tx): Promise<Result<Work | 'later' | undefined>> => {
        const loaded = await loadDispatch(tx, id);
        if (!loaded) return ok(undefined);
        const { dispatch, ticket } = loaded;
        const ctx = this.context();
        const due = dueWork(dispatch, ctx.now, claiming.early);
        if (due === undefined) return ok(dispatch.nextAttemptAt === undefined ? undefined : 'later');
        if (due === 'withdraw' || due === 'overdue') return this.save(tx, loaded, withoutCall[due], ctx);
        const blocked = claiming.blocked?.(dispatch.target);
        const waiting = blocked ? ({ type: 'defer', ...blocked } as const) : missingTicket(loaded);
        if (waiting) return this.save(tx, loaded, waiting, ctx);
        const taken = decideOutcome(loaded, { type: due === 'send' ? 'send' : 'look' }, ctx, this.assurances);
        if (!taken.ok) return taken;
        await saveDispatch(tx, taken.value);
        const ticketReference = ticket?.externalReference;
        return ok({ kind: due, dispatch: taken.value.state, ...(ticketReference && { ticketReference }) });
      },
    );
    return claimed.ok ? claimed.value : undefined;
  }

  /**
   * The result of the work. Refused as stale when the lease has ended and the dispatch has changed since; but a ticket that
   * was created is recorded all the same, in what the dispatch is by now.
   */
  report(tenant: string, work: Work, report: Report): Promise<Result<DispatchChange>> {
    const { id, version: expected } = work.dispatch;
    return this.ports.uow.run({ tenant }, async (tx) => {
      const loaded = await loadDispatch(tx, id);
      if (!loaded) return refuse(dispatchTarget(id).missing);
      const current = atVersion({ expectedVersion: expected }, loaded.dispatch.version);
      const { dispatch } = loaded;
      const ctx = this.context();
      const { command: reported, attempt } = interpretReport(dispatch, report, ctx);
      const policy = this.assurances[dispatch.target];
      const late = current.ok ? undefined : lateCommand(dispatch, report, reported, policy);
      if (!current.ok && !late) return current;
      const decided = decideOutcome(loaded, late ?? reported, ctx, this.assurances, attempt);
      if (decided.ok) await saveDispatch(tx, decided.value);
      return decided;
    });
  }

  /** Tries a dead dispatch again, under the same id, from the start of the schedule. */
  redrive<A = Result<DispatchChange>>(
    id: string,
    meta: CommandMeta<ReplyCodec<DispatchChange, A>>,
  ): Promise<NoInfer<A>> {
    return this.change(id, meta, (loaded, ctx) =>
      decideOutcome(loaded, { type: 'redrive' }, ctx, this.assurances),
    );
  }

  /** The answer of a person about a dead dispatch, where no external system is going to answer. */
  answer<A = Result<DispatchChange>>(
    id: string,
    found: OperatorAnswer,
    meta: CommandMeta<ReplyCodec<DispatchChange, A>>,
  ): Promise<NoInfer<A>> {
    return this.change(id, meta, (loaded, ctx) =>
      decideOperatorAnswer(loaded, found, ctx, this.assurances, this.answerExpiresHours),
    );
  }

  private change<A>(
    id: string,
    meta: CommandMeta<ReplyCodec<DispatchChange, A>>,
    decide: (loaded: DispatchToDecide, ctx: Context) => Result<DispatchChange>,
  ): Promise<NoInfer<A>> {
    return change(this.ports, meta, { ...dispatchTarget(id), decide, save: saveDispatch });
  }

  /** A command that needs no external system. */
  private async save(
    tx: Transaction,
    loaded: DispatchToDecide,
    command: DispatchCommand,
    ctx: Context,
  ): Promise<Result<undefined>> {
    const decided = decideOutcome(loaded, command, ctx, this.assurances);
    if (!decided.ok) return decided;
    await saveDispatch(tx, decided.value);
    return ok(undefined);
  }

  private context(): Context {
    return { actor: dispatcher, now: timestamp(this.ports.clock()), newId: this.ports.newId };
  }
}
