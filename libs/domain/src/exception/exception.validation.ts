import { counterpartsFlaw } from '../resolution/counterpart';
import { money } from '../value/money';
import {
  firstFlaw,
  invalid,
  oneOfFlaw,
  optionalTextFlaw,
  textFlaw,
  timeFlaw,
  type Flaw,
} from '../value/validation';
import { limits } from '../value/text';
import type { ExceptionCommand } from './exception.lifecycle';
import { directions, type AdjustEntry, type ForceMatch, type ResolvingCommand } from '../resolution/commands';
import { dispatchTargets } from '../value/dispatch-target';

/** What is malformed about a command, whatever the exception: the same answer before and after it is loaded. */
export function commandFlaw(command: ExceptionCommand): Flaw {
  switch (command.type) {
    case 'assign':
      return firstFlaw(
        textFlaw('assignee', command.assignee, limits.assignee),
        timeFlaw('dueAt', command.dueAt),
      );
    case 'force_match':
    case 'adjust_entry':
    case 'resolve':
      return resolvingFlaw(command);
    case 'propose':
      return firstFlaw(
        oneOfFlaw('waitsFor', command.waitsFor, ['approval', 'ledger']),
        resolvingFlaw(command.resolution),
      );
    case 'dispatch':
      return firstFlaw(
        oneOfFlaw('targetSystem', command.target, dispatchTargets),
        optionalTextFlaw('queue', command.queue, limits.queue),
      );
    case 'confirm':
      return optionalTextFlaw('notes', command.notes, limits.notes);
    case 'return':
      return firstFlaw(
        textFlaw('reason', command.reason, limits.resolutionReason),
        optionalTextFlaw('assignee', command.assignee, limits.assignee),
        timeFlaw('dueAt', command.dueAt),
      );
    case 'recall':
      return optionalTextFlaw('reason', command.reason, limits.resolutionReason);
    case 'unassign':
      return undefined;
    default:
      return command satisfies never;
  }
}

/** Whether it is an amount at all; what the currency allows is a rule. */
function amountFlaw({ amount, currency }: AdjustEntry): Flaw {
  const read = money(amount, currency);
  return !read.ok && read.refusal.code === 'invalid_value' ? read.refusal : undefined;
}

function matchFlaw({ counterparts, acceptResidual }: ForceMatch): Flaw {
  if (counterparts) return counterpartsFlaw(counterparts);
  return acceptResidual
    ? invalid('acceptResidual', 'means nothing without counterparts; name them')
    : undefined;
}

function resolvingFlaw(command: ResolvingCommand): Flaw {
  switch (command.type) {
    case 'force_match':
      return firstFlaw(
        textFlaw('overrideReason', command.overrideReason, limits.overrideReason),
        textFlaw('notes', command.notes, limits.notes),
        matchFlaw(command),
      );
    case 'adjust_entry':
      return firstFlaw(
        amountFlaw(command),
        textFlaw('reasonCode', command.reasonCode, limits.reasonCode),
        textFlaw('notes', command.notes, limits.notes),
        timeFlaw('effectiveAt', command.effectiveAt),
        oneOfFlaw('direction', command.direction, directions),
      );
    case 'resolve':
      return firstFlaw(
        textFlaw('resolution', command.resolution, limits.resolution),
        optionalTextFlaw('reason', command.reason, limits.resolutionReason),
      );
    default:
      return command satisfies never;
  }
}
