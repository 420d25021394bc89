import { firstFlaw, oneOfFlaw, optionalTextFlaw, textFlaw, timeFlaw, type Flaw } from '../value/shape';
import { limits } from '../value/text';
import {
  directions,
  dispatchTargets,
  type ExceptionCommand,
  type ResolvingCommand,
} from './exception.lifecycle';

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
      return resolvingFlaw(command.resolution);
    case 'dispatch':
      return firstFlaw(
        oneOfFlaw('targetSystem', command.target, dispatchTargets),
        optionalTextFlaw('queue', command.queue, limits.queue),
      );
    case 'confirm':
      return optionalTextFlaw('notes', command.notes, limits.notes);
    case 'return':
      return textFlaw('reason', command.reason, limits.resolutionReason);
    case 'recall':
      return optionalTextFlaw('reason', command.reason, limits.resolutionReason);
    case 'unassign':
      return undefined;
    default:
      return command satisfies never;
  }
}

function resolvingFlaw(command: ResolvingCommand): Flaw {
  switch (command.type) {
    case 'force_match':
      return firstFlaw(
        textFlaw('overrideReason', command.overrideReason, limits.overrideReason),
        textFlaw('notes', command.notes, limits.notes),
      );
    case 'adjust_entry':
      return firstFlaw(
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
