import type { CommandWithFields, ExceptionCommand, ExceptionCommandType } from '@redress/domain';
import type { ExceptionAction } from '@redress/domain/actions';
import type { Scope } from '../auth/scopes';

/** A command that says nothing but its type. */
export type BareCommand = Exclude<ExceptionCommandType, CommandWithFields<ExceptionCommand>>;

/**
 * The commands without fields: each has the route `POST …/{its name with dashes}`, which `BareCommandRoutes` makes. One that
 * is missing here does not compile.
 */
export const bareCommands = {
  unassign: { scope: 'exception:assign', summary: 'Take an exception from its assignee' },
} as const satisfies Record<BareCommand, Readonly<{ scope: Scope; summary: string; description?: string }>>;

type Action = Readonly<{ scope: Scope; path: string }>;

const bareActions = Object.fromEntries(
  Object.entries(bareCommands).map(([command, { scope }]) => [
    command,
    { scope, path: command.replaceAll('_', '-') },
  ]),
) as unknown as Readonly<Record<BareCommand, Action>>;

/** action → its scope, and its route below that of the exception. An action without its line does not compile. */
export const exceptionActions = {
  assign: { scope: 'exception:assign', path: 'assign' },
  force_match: { scope: 'exception:resolve', path: 'force-match' },
  adjust_entry: { scope: 'exception:resolve', path: 'adjust-entry' },
  resolve: { scope: 'exception:resolve', path: 'resolve' },
  dispatch: { scope: 'exception:dispatch', path: 'dispatch' },
  recall: { scope: 'exception:dispatch', path: 'recall' },
  approve: { scope: 'exception:approve', path: 'approve' },
  reject: { scope: 'exception:approve', path: 'reject' },
  withdraw: { scope: 'exception:resolve', path: 'withdraw' },
  callback: { scope: 'callback:process', path: 'callback' },
  comment: { scope: 'comment:write', path: 'comments' },
  dispute: { scope: 'dispute:write', path: 'disputes' },
  ...bareActions,
} as const satisfies Record<ExceptionAction, Action>;
