import { change, type CommandMeta, type ReplyCodec } from './use-case';
import type { Ports } from '../ports/stores';
import { ok, refuse, type Result } from '../result';
import { decideDispute, openDispute, type Dispute, type DisputeChange } from '../dispute/dispute';
import type { DisputeCommand, DisputeOpening } from '../dispute/dispute.lifecycle';

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
    meta: CommandMeta<ReplyCodec<DisputeChange, A>>,
  ): Promise<NoInfer<A>> {
    return change(this.ports, meta, {
      load: (tx) => tx.exceptions.load(exceptionId),
      missing: { code: 'not_found', what: 'exception', id: exceptionId },
      version: ({ exception }) => exception.version,
      decide: ({ exception, facts }, ctx) => openDispute(exception.id, opening, ctx, facts),
      save: (tx, decided) => tx.disputes.save(decided),
    });
  }

  handle<A = Result<DisputeChange>>(
    id: string,
    command: DisputeCommand,
    meta: CommandMeta<ReplyCodec<DisputeChange, A>>,
  ): Promise<NoInfer<A>> {
    return change(this.ports, meta, {
      load: (tx) => tx.disputes.load(id),
      missing: { code: 'not_found', what: 'dispute', id },
      version: ({ dispute }) => dispute.version,
      decide: ({ dispute, facts }, ctx) => decideDispute(dispute, command, ctx, facts),
      save: (tx, decided) => tx.disputes.save(decided),
    });
  }
}
