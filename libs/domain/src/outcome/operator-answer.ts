import type { Context } from '../change';
import { confirmedByProposer } from './posting-answer';
import { commandsFrom } from '../lifecycle';
import { refuse, type Result } from '../result';
import { invalid, text, validate, type Check, type Invalid } from '../value/validation';
import { limits } from '../value/text';
import type { LookupPolicies } from '../dispatch/lookup-policy';
import { dispatchLifecycle } from '../dispatch/dispatch.lifecycle';
import { problemLength } from '../dispatch/dispatch';
import { decideOutcome, type DispatchChange, type DispatchWithException } from './decide-outcome';

/** The answer of a person who checked in the external system: it arrived, under a reference, or it did not, for a reason. */
export type OperatorAnswer = Readonly<{ arrived: boolean; reference?: string; reason?: string }>;

const leftOut =
  (when: string): Check<string | undefined> =>
  (field, value) =>
    value === undefined ? undefined : invalid(field, `must be left out when ${when}`);

const arrivedChecks = { reference: text(limits.queue), reason: leftOut('it arrived') };
const lostChecks = { reason: text(problemLength), reference: leftOut('it did not arrive') };

const validateAnswer = ({ arrived, reference, reason }: OperatorAnswer): Invalid | undefined =>
  arrived
    ? validate({ reference: reference ?? '', reason }, arrivedChecks)
    : validate({ reference, reason: reason ?? '' }, lostChecks);

/** Accepted for a dead dispatch only: before that the schedule or the external system may still answer. */
export function decideOperatorAnswer(
  loaded: DispatchWithException,
  found: OperatorAnswer,
  ctx: Context,
  assurances: LookupPolicies,
): Result<DispatchChange> {
  const malformed = validateAnswer(found);
  if (malformed) return refuse(malformed);
  const { state: status } = loaded.dispatch;
  if (status !== 'DEAD') {
    const allowed = commandsFrom(dispatchLifecycle, status);
    return refuse({ code: 'not_allowed', command: 'answer', status, allowed });
  }
  const { dispatch, exception, facts } = loaded;
  // It is booked here and cannot come back: that it is not there either leaves two books that differ.
  if (!found.arrived && dispatch.posting?.type === 'reversal')
    return refuse(
      invalid(
        'arrived',
        'must be true for a reversal: redrive it, or book it there by hand and give its reference',
      ),
    );
  const alone = found.arrived ? confirmedByProposer(exception, dispatch, ctx.actor, facts) : undefined;
  if (alone) return refuse(alone);
  const { reference = '', reason = '' } = found;
  const command = found.arrived
    ? ({ type: 'confirm', reference } as const)
    : ({ type: 'withdraw', reason } as const);
  return decideOutcome(loaded, command, ctx, assurances);
}
