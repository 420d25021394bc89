import type { Json } from '../change';
import type { Dispatch } from '../dispatch/dispatch';
import { defined } from '../value/defined';
import type { Effect } from './effect';
import type { ExceptionFacts } from './exception.facts';
import type { ExceptionCommand } from './exception.lifecycle';

/** The facts of a command that are not fields of the exception, for its event; undefined when there are none. */
export function eventData(
  command: ExceptionCommand,
  { adjustment, reopened, match, dispatch }: Omit<Effect, 'patch'>,
  { activeDisputes }: ExceptionFacts,
  resolves: boolean,
): Readonly<Record<string, Json>> | undefined {
  const data = defined({
    reason: command.type === 'return' || command.type === 'recall' ? command.reason : undefined,
    notes: command.type === 'confirm' ? command.notes : undefined,
    adjustment,
    reopenedAs: reopened?.state.id,
    match,
    dispatch: dispatch && dispatchData(dispatch),
    activeDisputes: resolves && activeDisputes.length ? activeDisputes.map(({ id }) => id) : undefined,
  });
  return Object.keys(data).length ? data : undefined;
}

/** The order of a dispatch. Its progress has events of its own, and its content is kept with the dispatch. */
export const dispatchData = ({ id, exceptionId, target, queue, state, requestedBy, requestedAt }: Dispatch) =>
  defined({ id, exceptionId, target, queue, state, requestedBy, requestedAt });
