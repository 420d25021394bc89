import { fieldChanges, historyEvent, nextVersion, type Context } from '../change';
import type { OperatorAnswer } from '../dispatch/operator-answer';
import { underDualControl } from '../resolution/dual-control';
import { defined } from '../value/defined';
import { defaultPolicy } from '../exception/policy';
import { confirmedByProposer } from './posting-answer';
import { commandsFrom } from '../lifecycle';
import { ok, refuse, type Result } from '../result';
import { invalid, text, validate, type Check, type Invalid } from '../value/validation';
import { limits } from '../value/text';
import type { LookupPolicies } from '../dispatch/lookup-policy';
import { dispatchEvents, dispatchLifecycle } from '../dispatch/dispatch.lifecycle';
import { problemLength, type Dispatch } from '../dispatch/dispatch';
import { decideOutcome, type DispatchChange, type DispatchWithException } from './decide-outcome';

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

/**
 * Accepted for a dead dispatch only: before that the schedule or the external system may still answer. Where the policy puts
 * answers under dual control, it is proposed until others have given the same answer.
 *
 * @param expiresHours after which a proposed answer counts for nothing
 */
export function decideOperatorAnswer(
  loaded: DispatchWithException,
  found: OperatorAnswer,
  ctx: Context,
  assurances: LookupPolicies,
  expiresHours = defaultPolicy.approvalExpiresHours,
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
  const request = defined({ arrived: found.arrived, reference: found.reference, reason: found.reason });
  const control = facts.approvalPolicy?.answers;
  const decided = underDualControl(request, control, dispatch.proposedAnswer, ctx, expiresHours);
  if (!decided.ok) return decided;
  if (decided.value.proposed) return ok(answerProposed(loaded, decided.value.proposed, ctx));
  const command = found.arrived
    ? ({ type: 'confirm', reference } as const)
    : ({ type: 'withdraw', reason } as const);
  return decideOutcome(loaded, command, ctx, assurances);
}

/** The dispatch stays DEAD, and its history says who answered what. */
function answerProposed(
  { dispatch, exception }: DispatchWithException,
  proposedAnswer: NonNullable<Dispatch['proposedAnswer']>,
  ctx: Context,
): DispatchChange {
  const state = nextVersion(dispatch, { proposedAnswer }, ctx);
  const subject = { exceptionId: exception.id, dispatchId: dispatch.id, version: exception.version };
  const { target, kind } = dispatch;
  const data = { dispatch: { target, kind, state: dispatch.state }, answer: proposedAnswer.request };
  const event = historyEvent(dispatchEvents.propose_answer, subject, fieldChanges({}, {}), ctx, data);
  return { basedOn: dispatch.version, state, events: [event] };
}
