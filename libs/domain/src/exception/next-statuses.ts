import { isReversalProposed } from '../resolution/proposal';
import { move } from '../lifecycle';
import { ok, type Result } from '../result';
import { exceptionLifecycle, type ExceptionCommandType, type ExceptionStatus } from './exception.lifecycle';
import type { ReconException } from './recon-exception';

/** The commands that decide on a proposal. */
const decisions: readonly ExceptionCommandType[] = ['confirm', 'return', 'recall'];

/**
 * The statuses that a command may lead to, by the lifecycle table. RESOLVED is final: an exception with a proposed reversal
 * is still RESOLVED after the decision on that.
 */
export const nextOf = (
  exception: ReconException,
  command: ExceptionCommandType,
): Result<readonly ExceptionStatus[]> =>
  isReversalProposed(exception) && decisions.includes(command)
    ? ok(['RESOLVED'])
    : move(exceptionLifecycle, exception.status, command);
