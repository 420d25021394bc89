import { atVersion, once, type Answering, type CommandMeta } from '../once';
import type { Ports } from '../ports';
import { ok, refuse, type Result } from '../result';
import { decideDispute, openDispute, type Dispute, type DisputeChange } from './dispute';
import type { DisputeCommand, DisputeOpening } from './dispute.lifecycle';

/** The only way in: load, decide, save. Every change is a line in the history of the disputed exception. */
export class DisputeDesk {
  constructor(private readonly ports: Ports) {}

  find(tenant: string, id: string): Promise<Result<Dispute>> {
    return this.ports.uow.run({ tenant }, async (tx) => {
      const loaded = await tx.disputes.load(id);
      return loaded ? ok(loaded.dispute) : refuse({ code: 'not_found', what: 'dispute', id });
    });
  }

  /** `expectedVersion`, when given, is that of the exception. */
  open<A = Result<DisputeChange>>(
    exceptionId: string,
    opening: DisputeOpening,
    meta: CommandMeta,
    answering?: Answering<DisputeChange, A>,
  ): Promise<NoInfer<A>> {
    return once(
      this.ports,
      meta,
      (tx) => tx.exceptions.load(exceptionId),
      async (loaded, tx, ctx) => {
        if (!loaded) return refuse({ code: 'not_found', what: 'exception', id: exceptionId });
        const current = atVersion(meta, loaded.exception.version);
        if (!current.ok) return current;
        const change = openDispute(loaded.exception.id, opening, ctx, loaded.facts);
        if (change.ok) await tx.disputes.save(change.value);
        return change;
      },
      answering,
    );
  }

  handle<A = Result<DisputeChange>>(
    id: string,
    command: DisputeCommand,
    meta: CommandMeta,
    answering?: Answering<DisputeChange, A>,
  ): Promise<NoInfer<A>> {
    return once(
      this.ports,
      meta,
      (tx) => tx.disputes.load(id),
      async (loaded, tx, ctx) => {
        if (!loaded) return refuse({ code: 'not_found', what: 'dispute', id });
        const current = atVersion(meta, loaded.dispute.version);
        if (!current.ok) return current;
        const change = decideDispute(loaded.dispute, command, ctx, loaded.facts);
        if (change.ok) await tx.disputes.save(change.value);
        return change;
      },
      answering,
    );
  }
}
