import type { AdjustEntry, ForceMatch, Resolve } from './commands';
import { exactly } from './counterpart';
import { residualsOf } from './residual';
import { money, type Money } from '../value/money';
import type { Severity } from '../value/severity';

/** The facts of an exception that approval rules use. */
export type Judged = Readonly<{
  amount?: Money;
  /** The amounts of later reports. */
  otherAmounts?: readonly Money[];
  severity: Severity;
}>;

/** A command that a policy may ask approval for. A reversal counts as the `adjust_entry` that it reverses. */
export type Approvable = ForceMatch | Resolve | Pick<AdjustEntry, 'type' | 'amount' | 'currency'>;

/** `undefined` is an unknown amount, which may be any. */
export type Stake = Money | undefined;

/**
 * Every amount at stake in a resolution: a large one must not pass unnoticed behind a small one. All of them: the amount
 * of the exception and those of later reports. `adjust_entry`: the amount that is posted as well, which decides alone where
 * the exception has none. `force_match`: the amounts of its counterparts and of their residuals as well.
 */
export function amountsAtStake({ amount, otherAmounts = [] }: Judged, command: Approvable): readonly Stake[] {
  switch (command.type) {
    case 'adjust_entry': {
      const posted = money(command.amount, command.currency);
      return [posted.ok ? posted.value : undefined, ...(amount ? [amount] : []), ...otherAmounts];
    }
    case 'force_match': {
      if (!command.counterparts) return [amount, ...otherAmounts];
      const named = exactly(command.counterparts);
      return named.ok
        ? [amount, ...otherAmounts, ...named.value, ...residualsOf(amount, named.value, {})]
        : [undefined];
    }
    case 'resolve':
      return [amount, ...otherAmounts];
    default:
      return command satisfies never;
  }
}
