import { isReversalProposed } from '../resolution/proposal';
import { move } from '../lifecycle';
import { ok, refuse, type Result } from '../result';
import { exceptionLifecycle, type ExceptionCommandType, type ExceptionStatus } from './exception.lifecycle';
import type { ReconException } from './recon-exception';

/** The commands that decide on a proposal. */
const decisions: readonly ExceptionCommandType[] = ['confirm', 'return', 'recall'];

/** What the decisions are called where they name a proposal. */
const decisionNames: Readonly<Partial<Record<ExceptionCommandType, string>>> = {
  confirm: 'approve',
  return: 'reject',
  recall: 'withdraw',
};

/**
 * The statuses that a command may lead to, by the lifecycle table. RESOLVED is final: an exception with a proposed reversal
 * is still RESOLVED after the decision on that.
 */
export function nextOf(
  exception: ReconException,
  command: ExceptionCommandType,
  of?: 'proposal',
): Result<readonly ExceptionStatus[]> {
  if (isReversalProposed(exception) && decisions.includes(command)) return ok(['RESOLVED']);
  const next = move(exceptionLifecycle, exception.status, command);
  const name = of && decisionNames[command];
  if (next.ok || name === undefined || next.refusal.code !== 'not_allowed') return next;
  return refuse({ ...next.refusal, command: name });
}
