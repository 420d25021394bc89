import type { CommandWithFields, ExceptionCommand, ExceptionCommandType } from '@redress/domain';
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

const bareScopes = Object.fromEntries(
  Object.entries(bareCommands).map(([command, { scope }]) => [command, scope]),
) as Readonly<Record<BareCommand, Scope>>;

/** command → the scope that it takes. A command without its line does not compile. */
export const exceptionScopes = {
  assign: 'exception:assign',
  force_match: 'exception:resolve',
  adjust_entry: 'exception:resolve',
  resolve: 'exception:resolve',
  propose: 'exception:resolve',
  dispatch: 'exception:dispatch',
  recall: 'exception:dispatch',
  confirm: 'exception:approve',
  return: 'exception:approve',
  ...bareScopes,
} as const satisfies Record<ExceptionCommandType, Scope>;
