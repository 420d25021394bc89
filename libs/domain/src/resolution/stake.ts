import type { AdjustEntry, ForceMatch, Resolve } from './commands';
import { exactly } from './counterpart';
import { residualsOf } from './residual';
import { money, type Money } from '../value/money';
import type { Severity } from '../value/severity';

/** What of an exception an approval rule may go by. */
export type Judged = Readonly<{ amount?: Money; severity: Severity }>;

/** What a policy may ask approval for. A reversal is judged as the `adjust_entry` that it takes back. */
export type Approvable = ForceMatch | Resolve | Pick<AdjustEntry, 'type' | 'amount' | 'currency'>;

/** `undefined` is an amount that is not known, and may be any. */
export type Stake = Money | undefined;

/**
 * Every amount at stake in a resolution, so that none of them hides behind a smaller one. `adjust_entry`: what is posted,
 * and what the exception is about where it says so. `force_match`: the exception, its counterparts and what they leave.
 * `resolve`: the exception.
 */
export function amountsAtStake({ amount }: Judged, command: Approvable): readonly Stake[] {
  switch (command.type) {
    case 'adjust_entry': {
      const posted = money(command.amount, command.currency);
      return [posted.ok ? posted.value : undefined, ...(amount ? [amount] : [])];
    }
    case 'force_match': {
      if (!command.counterparts) return [amount];
      const named = exactly(command.counterparts);
      return named.ok ? [amount, ...named.value, ...residualsOf(amount, named.value, {})] : [undefined];
    }
    case 'resolve':
      return [amount];
    default:
      return command satisfies never;
  }
}
