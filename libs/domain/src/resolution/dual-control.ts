import type { Context, Json } from '../change';
import { ok, refuse, type Result } from '../result';
import { plusHours } from '../value/timestamp';
import type { ApprovedProposal, DualControl, ProposedRequest } from './approval';
import { mayNotApprove } from './proposal';

/** `proposed`: nothing takes effect yet. Otherwise the request takes effect, with its approvals if it took any. */
export type ControlledRequest<Request> = Readonly<{
  proposed?: ProposedRequest<Request>;
  approval?: ApprovedProposal;
}>;

/**
 * Decides a request under dual control. What was proposed and has not expired keeps its number of approvals, or takes the
 * greater one. Another request takes its place. Refused when this person has proposed or approved the same one.
 */
export function underDualControl<Request>(
  request: Request,
  control: DualControl | undefined,
  proposed: ProposedRequest<Request> | undefined,
  { actor, now }: Context,
  expiresHours: number,
): Result<ControlledRequest<Request>> {
  const live = proposed && proposed.expiresAt > now ? proposed : undefined;
  const approvalsNeeded = Math.max(control?.approvers ?? 0, live?.approvalsNeeded ?? 0);
  if (approvalsNeeded === 0) return ok({});
  if (!live || !isSameJson(live.request, request)) {
    const expiresAt = plusHours(now, expiresHours);
    const made = { request, proposedBy: actor, proposedAt: now, expiresAt };
    return ok({ proposed: { ...made, approvalsNeeded, approvals: [] } });
  }
  const refusal = mayNotApprove(live, actor);
  if (refusal) return refuse(refusal);
  const approvals = [...live.approvals, { by: actor, at: now }];
  if (approvals.length < approvalsNeeded) return ok({ proposed: { ...live, approvalsNeeded, approvals } });
  const { proposedBy, proposedAt } = live;
  return ok({ approval: { proposedBy, proposedAt, approvals } });
}

/** Whether two values are the same JSON, whatever the order of members. */
export const isSameJson = (a: unknown, b: unknown): boolean => canonical(a) === canonical(b);

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, member: Json) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
