import { isResolving, resolvingCommands, type ResolvingCommand } from '../resolution/commands';
import { validateResolution } from '../resolution/commands.validation';
import { dispatchTargets } from '../value/dispatch-target';
import { limits } from '../value/text';
import {
  commandType,
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
import { commands, type CommandWithFields } from '../lifecycle';
import { exceptionLifecycle, type ExceptionCommand } from './exception.lifecycle';

const optionalText = (max: number) => optional(text(max));
const reason = text(limits.resolutionReason);
const assignee = text(limits.assignee);
/** Callers know the field by another name. */
const target: Check<string | undefined> = (_field, value, whole) =>
  oneOf(dispatchTargets)('targetSystem', value ?? '', whole);

const checks: {
  readonly [T in Exclude<CommandWithFields<ExceptionCommand>, ResolvingCommand['type']>]: Partial<
    Checks<Extract<ExceptionCommand, { type: T }>>
  >;
} = {
  assign: { assignee, dueAt: time },
  propose: {
    waitsFor: oneOf(['approval', 'ledger']),
    resolution: (field, value) =>
      !(value as ResolvingCommand | undefined) || commandType(resolvingCommands, value.type)
        ? invalid(field, 'is required')
        : validateResolution(value),
  },
  dispatch: { target, queue: optionalText(limits.queue) },
  confirm: { notes: optionalText(limits.notes) },
  return: { reason, assignee: optional(assignee), dueAt: time },
  recall: { reason: optional(reason) },
};

/** Why a command is malformed, whatever the exception: the same answer before and after it is loaded. */
export const validateCommand = (command: ExceptionCommand): Invalid | undefined =>
  commandType(commands(exceptionLifecycle), command.type) ??
  (isResolving(command)
    ? validateResolution(command)
    : // The table is keyed by the type of the command, so its checks are those of this command; without fields it has none.
      validate(
        command,
        ((checks as Partial<Record<string, unknown>>)[command.type] ?? {}) as Checks<typeof command>,
      ));
