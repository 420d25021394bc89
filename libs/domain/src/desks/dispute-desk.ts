import { disputeTarget, exceptionTarget } from './targets';
import type { CommandMeta, ReplyCodec } from './command-meta';
import { change, find } from './use-case';
import type { LoadedDispute, Ports, Transaction } from '../ports/stores';
import type { Result } from '../result';
import { decideDispute, openDispute, type DisputeChange } from '../dispute/dispute';
import type { DisputeCommand, DisputeOpening } from '../dispute/dispute.lifecycle';

const save = (tx: Transaction, change: DisputeChange): Promise<void> => tx.disputes.save(change);

/** Use cases of disputes: each loads, decides and saves. Every change is an event of the disputed exception. */
export class DisputeDesk {
  constructor(private readonly ports: Ports) {}

  /** Reads one dispute and its facts. Refused as `not_found` when the tenant has no dispute with this id. */
  find(tenant: string, id: string): Promise<Result<LoadedDispute>> {
    return find(this.ports, tenant, disputeTarget(id));
  }

  /** `expectedVersion`, when given, is that of the exception. */
  open<A = Result<DisputeChange>>(
    exceptionId: string,
    opening: DisputeOpening,
    meta: CommandMeta<ReplyCodec<DisputeChange, A>>,
  ): Promise<NoInfer<A>> {
    return change(this.ports, meta, {
      ...exceptionTarget(exceptionId),
      decide: ({ exception, facts }, ctx) => openDispute(exception.id, opening, ctx, facts),
      save,
    });
  }

  /** Gives a command to a dispute. `expectedVersion`, when given, is that of the dispute. */
  handle<A = Result<DisputeChange>>(
    id: string,
    command: DisputeCommand,
    meta: CommandMeta<ReplyCodec<DisputeChange, A>>,
  ): Promise<NoInfer<A>> {
    return change(this.ports, meta, {
      ...disputeTarget(id),
      decide: ({ dispute, facts }, ctx) => decideDispute(dispute, command, ctx, facts),
      save,
    });
  }
}
