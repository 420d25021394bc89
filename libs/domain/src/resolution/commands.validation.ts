import { money } from '../value/money';
import { limits } from '../value/text';
import {
  invalid,
  oneOf,
  optional,
  text,
  time,
  validate,
  type Check,
  type Checks,
  type Invalid,
} from '../value/validation';
import { directions, type AdjustEntry, type ForceMatch, type ResolvingCommand } from './commands';
import { validateCounterparts } from './counterpart';

/** Whether it is an amount at all; the digits that the currency allows are a rule. */
const amount: Check<string, AdjustEntry> = (_field, lexeme, { currency }) => {
  const read = money(lexeme, currency);
  return !read.ok && read.refusal.code === 'invalid_value' ? read.refusal : undefined;
};

const acceptResidual: Check<boolean | undefined, ForceMatch> = (field, accepted, { counterparts }) =>
  accepted && !counterparts ? invalid(field, 'means nothing without counterparts; name them') : undefined;

const notes = text(limits.notes);

const checks: {
  readonly [T in ResolvingCommand['type']]: Partial<Checks<Extract<ResolvingCommand, { type: T }>>>;
} = {
  force_match: {
    overrideReason: text(limits.overrideReason),
    notes,
    counterparts: (_field, list) => list && validateCounterparts(list),
    acceptResidual,
  },
  adjust_entry: {
    amount,
    reasonCode: text(limits.reasonCode),
    notes,
    effectiveAt: time,
    direction: oneOf(directions),
  },
  resolve: { resolution: text(limits.resolution), reason: optional(text(limits.resolutionReason)) },
};

/** Why a resolution is malformed, whatever the exception. */
export const validateResolution = (command: ResolvingCommand): Invalid | undefined =>
  // The table is keyed by the type of the command, so its checks are those of this command.
  validate(command, checks[command.type] as Checks<ResolvingCommand>);
