import { evaluateMatch } from '../resolution/forced-match';
import type { ResolvingCommand } from '../resolution/commands';
import { unlistedReason } from '../resolution/reason-codes';
import type { RefusalCode } from '../refusal';
import { isPositive, money } from '../value/money';
import type { ContentRule } from './exception.facts';

const amount = ['reason_not_listed', 'unknown_currency', 'amount_precision', 'amount_out_of_range'] as const;

/** The refusals of the rules below, by command. */
export const resolutionRefusals = {
  force_match: [...amount, 'residual_not_accepted'],
  adjust_entry: [...amount, 'amount_not_positive'],
  resolve: ['reason_not_listed'],
  propose: [...amount, 'amount_not_positive', 'residual_not_accepted'],
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
  return isPositive(amount.value) ? undefined : { code: 'amount_not_positive', field: 'amount' };
};

export const soundProposal: ContentRule<Readonly<{ resolution: ResolvingCommand }>> = (now, { resolution }) =>
  soundResolution(now, resolution);
