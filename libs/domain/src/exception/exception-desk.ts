import { atVersion, once, type Answering, type CommandMeta } from '../once';
import type { LoadedException, Ports } from '../ports';
import { defaultPolicy, type Policy } from '../policy';
import { ok, refuse, type Result } from '../result';
import { decide, type ExceptionChange } from './exception';
import type { ExceptionCommand } from './exception.lifecycle';
import { Batch, raise, seeAgain, type Raise } from './raise';

/** The only way in: load, decide, save. */
export class ExceptionDesk {
  constructor(
    private readonly ports: Ports,
    readonly policy: Policy = defaultPolicy,
  ) {}

  find(tenant: string, id: string): Promise<Result<LoadedException>> {
    return this.ports.uow.run({ tenant }, async (tx) => {
      const loaded = await tx.exceptions.load(id);
      return loaded ? ok(loaded) : refuse({ code: 'not_found', what: 'exception', id });
    });
  }

  /** Raises an exception, or counts it as seen again (`basedOn` > 0) while an unresolved one has the same identity. */
  raise<A = Result<ExceptionChange>>(
    report: Raise,
    meta: CommandMeta,
    answering?: Answering<ExceptionChange, A>,
  ): Promise<NoInfer<A>> {
    return once(
      this.ports,
      meta,
      (tx) => tx.exceptions.unresolved([report]),
      async ([known], tx, ctx) => {
        const change = known ? seeAgain(known, report, ctx, this.policy) : raise(report, ctx, this.policy);
        if (change.ok) await tx.exceptions.save(change.value);
        return change;
      },
      answering,
    );
  }

  /**
   * Raises many in one unit of work: one outcome for each report, in their order. A malformed report is refused
   * alone. Repeating the call does no harm, since what is there already counts as seen again.
   */
  raiseAll(reports: readonly Raise[], meta: CommandMeta): Promise<readonly Result<ExceptionChange>[]> {
    return once(
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

  handle<A = Result<ExceptionChange>>(
    id: string,
    command: ExceptionCommand,
    meta: CommandMeta,
    answering?: Answering<ExceptionChange, A>,
  ): Promise<NoInfer<A>> {
    return once(
      this.ports,
      meta,
      (tx) => tx.exceptions.load(id),
      async (loaded, tx, ctx) => {
        if (!loaded) return refuse({ code: 'not_found', what: 'exception', id });
        const current = atVersion(meta, loaded.exception.version);
        if (!current.ok) return current;
        const change = decide(loaded.exception, command, ctx, loaded.facts, this.policy);
        if (change.ok) await tx.exceptions.save(change.value);
        return change;
      },
      answering,
    );
  }
}
