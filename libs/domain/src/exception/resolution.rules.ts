import { evaluateMatch } from '../resolution/forced-match';
import type { ResolvingCommand } from '../resolution/commands';
import { unlistedReason } from '../resolution/reason-codes';
import type { Refusal, RefusalCode } from '../refusal';
import { unfitAdjustment } from '../resolution/adjustment-check';
import { isPositive, money } from '../value/money';
import type { ContentRule } from './exception.facts';
import type { ExceptionCommand } from './exception.lifecycle';
import type { Policy } from './policy';
import type { ReconException } from './recon-exception';

const amount = ['reason_not_listed', 'unknown_currency', 'amount_precision', 'amount_out_of_range'] as const;

/** The refusals of the rules below, by command. */
export const resolutionRefusals = {
  force_match: [...amount, 'residual_not_accepted'],
  adjust_entry: [...amount, 'amount_not_positive', 'adjustment_does_not_fit'],
  resolve: ['reason_not_listed'],
  propose: [...amount, 'amount_not_positive', 'adjustment_does_not_fit', 'residual_not_accepted'],
} as const satisfies Record<ResolvingCommand['type'] | 'propose', readonly RefusalCode[]>;

/** The content of a resolution, at once or proposed. The confirmation of a proposal is not checked against the list again. */
export const soundResolution: ContentRule<ResolvingCommand> = (now, command) =>
  badAmount(now, command) ?? unlistedReason(command, now.facts.reasonCodes);

const badAmount: ContentRule<ResolvingCommand> = ({ exception, policy }, command) => {
  if (command.type === 'resolve') return undefined;
  if (command.type === 'force_match') {
    const match = evaluateMatch(exception, command, policy.residualTolerance);
    return match.ok ? undefined : match.refusal;
  }
  const amount = money(command.amount, command.currency);
  if (!amount.ok) return amount.refusal;
  if (!isPositive(amount.value)) return { code: 'amount_not_positive', field: 'amount' };
  const { adjustmentCheck } = policy;
  return adjustmentCheck.mode === 'refuse'
    ? unfitAdjustment(exception, amount.value, adjustmentCheck)
    : undefined;
};

/** What is unusual about a resolution that no rule refuses. */
export function warningsAbout(
  exception: ReconException,
  command: ExceptionCommand,
  { adjustmentCheck }: Policy,
): readonly Refusal[] | undefined {
  const resolution = command.type === 'propose' ? command.resolution : command;
  if (resolution.type !== 'adjust_entry' || adjustmentCheck.mode !== 'warn') return undefined;
  const amount = money(resolution.amount, resolution.currency);
  const unfit = amount.ok ? unfitAdjustment(exception, amount.value, adjustmentCheck) : undefined;
  return unfit && [unfit];
}

export const soundProposal: ContentRule<Readonly<{ resolution: ResolvingCommand }>> = (now, { resolution }) =>
  soundResolution(now, resolution);
