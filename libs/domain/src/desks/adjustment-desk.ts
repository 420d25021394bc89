import type { CommandMeta, ReplyCodec } from './command-meta';
import { change } from './use-case';
import { defaultPolicy, type Policy } from '../exception/policy';
import type { Ports } from '../ports/stores';
import type { Result } from '../result';
import { reverse, type ReversalOutcome, type ReverseAdjustment } from '../exception/reversal';

/**
 * The only way in: load, decide, save. Adjustments are posted by resolving, and taken back here; where that takes approval,
 * it is decided on as any proposal is, by the exception's own desk.
 */
export class AdjustmentDesk {
  constructor(
    private readonly ports: Ports,
    private readonly policy: Policy = defaultPolicy,
  ) {}

  /** `expectedVersion`, when given, is that of the exception it was posted for. */
  reverse<A = Result<ReversalOutcome>>(
    id: string,
    command: ReverseAdjustment,
    meta: CommandMeta<ReplyCodec<ReversalOutcome, A>>,
  ): Promise<NoInfer<A>> {
    return change(this.ports, meta, {
      load: async (tx) => {
        const loaded = await tx.adjustments.load(id);
        if (!loaded) return undefined;
        const [unresolved] = await tx.exceptions.unresolved([loaded.exception]);
        return { ...loaded, ...(unresolved && { unresolved }) };
      },
      missing: { code: 'not_found', what: 'adjustment', id },
      version: ({ exception }) => exception.version,
      decide: (loaded, ctx) => reverse(loaded, command, ctx, this.policy),
      save: async (tx, outcome) => {
        if ('proposed' in outcome) return tx.exceptions.save(outcome.proposed);
        await tx.exceptions.save(outcome.reversed);
        await tx.exceptions.save(outcome.reopened);
      },
    });
  }
}
