import type { Context } from '../change';
import { atVersion, change, type CommandMeta, type ReplyCodec } from './use-case';
import type { LoadedDispatch, Ports, Transaction } from '../ports/stores';
import { ok, refuse, type Result } from '../result';
import { timestamp } from '../value/timestamp';
import type { Report } from '../dispatch/attempt-result';
import { defaultAssurances, type Assurances } from '../dispatch/lookup-policy';
import { dueWork, type Dispatch } from '../dispatch/dispatch';
import type { Addressee, DispatchCommand } from '../dispatch/dispatch.lifecycle';
import { decideFoundOut, type FoundOut } from '../dispatch/operator-answer';
import { decideOutcome, heard, type DispatchChange } from '../dispatch/outcome';

/** What somebody has taken on: to be done before the lease is over, and reported with the version of the dispatch. */
export type Work = Readonly<{
  kind: Report['kind'];
  dispatch: Dispatch;
  /** Of the ticket a note belongs to. */
  ticketReference?: string;
}>;

/** Why a target is not to be asked now, and when to come back. */
export type Blocked = Readonly<{ problem: string; afterMs: number }>;

/** `early`: by whoever has just reserved it. */
export type Claiming = Readonly<{
  early?: boolean;
  blocked?: (target: Addressee) => Blocked | undefined;
}>;

/** In whose name dispatches are carried out. */
export const dispatcher = 'redress:dispatcher';
const minute = 60_000;

/** Reserve → call → confirm, without the call: what has to be done now, and what came of it. */
export class DispatchDesk {
  constructor(
    private readonly ports: Ports,
    private readonly assurances: Assurances = defaultAssurances,
  ) {}

  /**
   * Takes on what is due, so that nobody else does. `later`: it is not due yet; undefined: there is nothing to be done
   * outside. The intent is committed before anything is sent, so a crash on the way is known to be one.
   */
  async claim(tenant: string, id: string, claiming: Claiming = {}): Promise<Work | 'later' | undefined> {
    const claimed = await this.ports.uow.run(
      { tenant },
      async (tx): Promise<Result<Work | 'later' | undefined>> => {
        const loaded = await tx.dispatches.load(id);
        if (!loaded) return ok(undefined);
        const { dispatch, ticket } = loaded;
        const ctx = this.context();
        const due = dueWork(dispatch, ctx.now, claiming.early);
        if (due === undefined) return ok(dispatch.nextAttemptAt === undefined ? undefined : 'later');
        if (due === 'withdraw' || due === 'overdue') return this.save(tx, loaded, inPassing[due], ctx);
        const blocked = claiming.blocked?.(dispatch.target);
        const waiting = blocked ? ({ type: 'defer', ...blocked } as const) : ticketProblem(loaded);
        if (waiting) return this.save(tx, loaded, waiting, ctx);
        const taken = decideOutcome(loaded, { type: due === 'send' ? 'send' : 'look' }, ctx, this.assurances);
        if (!taken.ok) return taken;
        await tx.dispatches.save(taken.value);
        const ticketReference = ticket?.externalReference;
        return ok({ kind: due, dispatch: taken.value.state, ...(ticketReference && { ticketReference }) });
      },
    );
    return claimed.ok ? claimed.value : undefined;
  }

  /** What came of the work; refused as stale when the lease was over and somebody else has it by now. */
  report(tenant: string, work: Work, report: Report): Promise<Result<DispatchChange>> {
    const { id, version: expected } = work.dispatch;
    return this.ports.uow.run({ tenant }, async (tx) => {
      const loaded = await tx.dispatches.load(id);
      if (!loaded) return refuse({ code: 'not_found', what: 'dispatch', id });
      const current = atVersion({ expectedVersion: expected }, loaded.dispatch.version);
      if (!current.ok) return current;
      const ctx = this.context();
      const { command, attempt } = heard(loaded.dispatch, report, ctx);
      const decided = decideOutcome(loaded, command, ctx, this.assurances, attempt);
      if (decided.ok) await tx.dispatches.save(decided.value);
      return decided;
    });
  }

  /** Has a dead dispatch tried again, under the same id, from the start of the schedule. */
  redrive<A = Result<DispatchChange>>(
    id: string,
    meta: CommandMeta<ReplyCodec<DispatchChange, A>>,
  ): Promise<NoInfer<A>> {
    const decision = (loaded: LoadedDispatch, ctx: Context) =>
      decideOutcome(loaded, { type: 'redrive' }, ctx, this.assurances);
    return this.change(id, meta, decision);
  }

  /** What a person found out about a dead dispatch, where nobody outside is going to tell. */
  answer<A = Result<DispatchChange>>(
    id: string,
    found: FoundOut,
    meta: CommandMeta<ReplyCodec<DispatchChange, A>>,
  ): Promise<NoInfer<A>> {
    const decision = (loaded: LoadedDispatch, ctx: Context) =>
      decideFoundOut(loaded, found, ctx, this.assurances);
    return this.change(id, meta, decision);
  }

  private change<A>(
    id: string,
    meta: CommandMeta<ReplyCodec<DispatchChange, A>>,
    decide: (loaded: LoadedDispatch, ctx: Context) => Result<DispatchChange>,
  ): Promise<NoInfer<A>> {
    return change(this.ports, meta, {
      load: (tx) => tx.dispatches.load(id),
      missing: { code: 'not_found', what: 'dispatch', id },
      version: ({ dispatch }) => dispatch.version,
      decide,
      save: (tx, decided) => tx.dispatches.save(decided),
    });
  }

  /** What needs nobody outside. */
  private async save(
    tx: Transaction,
    loaded: LoadedDispatch,
    command: DispatchCommand,
    ctx: Context,
  ): Promise<Result<undefined>> {
    const decided = decideOutcome(loaded, command, ctx, this.assurances);
    if (!decided.ok) return decided;
    await tx.dispatches.save(decided.value);
    return ok(undefined);
  }

  private context(): Context {
    return { actor: dispatcher, now: timestamp(this.ports.clock()), newId: this.ports.newId };
  }
}

const inPassing = {
  withdraw: { type: 'withdraw', reason: 'It was taken back before it was sent.' },
  /** Whoever sent it is gone. It may have arrived. */
  overdue: { type: 'lose', problem: 'Whoever sent it did not report back.' },
} as const;

/** A note goes to a ticket, so there has to be one. */
function ticketProblem({ dispatch, ticket }: LoadedDispatch): DispatchCommand | undefined {
  if (dispatch.kind !== 'note' || dispatch.state !== 'RESERVED' || ticket?.externalReference)
    return undefined;
  if (!ticket || ticket.state === 'FAILED')
    return { type: 'withdraw', reason: 'There is no ticket that it could be a note on.' };
  // Somebody may yet redrive a dead one.
  const afterMs = ticket.state === 'DEAD' ? 60 * minute : minute;
  return { type: 'defer', problem: 'The ticket is not there yet.', afterMs };
}
