import { isReversalProposed } from '../resolution/proposal';
import { move } from '../lifecycle';
import { ok, type Result } from '../result';
import { exceptionLifecycle, type ExceptionCommandType, type ExceptionStatus } from './exception.lifecycle';
import type { ReconException } from './recon-exception';

/** What decides on a proposal, one way or the other. */
const decisions: readonly ExceptionCommandType[] = ['confirm', 'return', 'recall'];

/**
 * The statuses that a command may lead to, by the lifecycle table. RESOLVED is final there, and stays so: where a
 * reversal of its adjustment was proposed, the exception is still RESOLVED whatever is decided on that.
 */
export const nextOf = (
  exception: ReconException,
  command: ExceptionCommandType,
): Result<readonly ExceptionStatus[]> =>
  isReversalProposed(exception) && decisions.includes(command)
    ? ok(['RESOLVED'])
    : move(exceptionLifecycle, exception.status, command);
