import { commands } from '../lifecycle';
import { defaultPolicy, type Policy } from './policy';
import { explain, type RefusalCode } from '../refusal';
import type { ReconException } from './recon-exception';
import { exceptionLifecycle, type ExceptionCommandType } from './exception.lifecycle';
import { forbidden } from './exception.rules';
import { noFacts, type Asker, type ExceptionFacts } from './exception.facts';
import { nextOf } from './next-statuses';

/** Whether a command is possible now; if not, its refusal code and a sentence for a person. */
export type AllowedAction = Readonly<
  { allowed: true } | { allowed: false; code: RefusalCode; reason: string }
>;
/** The answer for every command to an exception. */
export type AllowedActions = Readonly<Record<ExceptionCommandType, AllowedAction>>;

/**
 * For every command whether `actor` may give it at `now`, and if not, why: from the same table and rules that decide. A
 * command may still be refused for its content, such as an amount with too many digits.
 */
export function allowedActions(
  exception: ReconException,
  { actor, now: at }: Asker,
  facts: ExceptionFacts = noFacts,
  policy: Policy = defaultPolicy,
): AllowedActions {
  const now = { exception, actor, now: at, facts, policy };
  const answer = (command: ExceptionCommandType): AllowedAction => {
    const next = nextOf(exception, command);
    const refusal = next.ok ? forbidden(command, now) : next.refusal;
    return refusal ? { allowed: false, code: refusal.code, reason: explain(refusal) } : { allowed: true };
  };
  return Object.fromEntries(commands(exceptionLifecycle).map((c) => [c, answer(c)])) as AllowedActions;
}
