import type { Context } from '../change';
import { ok, type Result } from '../result';
import { defined } from '../value/defined';
import type { ApprovalTerms, ApprovalRule } from './approval-policy';
import type { ApprovedProposal, ProposedRequest } from './approval';
import { underDualControl } from './dual-control';

/** The terms of a policy, with the change that is proposed, and the approvals that a change took. */
export type ControlledTerms = ApprovalTerms &
  Readonly<{ proposed?: ProposedRequest<ApprovalTerms>; approval?: ApprovedProposal }>;

const controls = ['policyChanges', 'ledgerChanges', 'answers'] as const;

/**
 * Decides a change of the approval policy. Where the policy in force puts changes under dual control, one that may weaken it
 * is proposed, and the terms stay as they are. One that surely asks for no less takes effect at once, and drops what is
 * proposed; putting what is in force again is such a change.
 */
export function changePolicy(
  before: ControlledTerms | undefined,
  asked: ApprovalTerms,
  ctx: Context,
  expiresHours: number,
): Result<ControlledTerms> {
  const inForce = termsOf(before ?? { rules: [] });
  if (!inForce.policyChanges || isAtLeastAsStrict(inForce, asked)) return ok(asked);
  const decided = underDualControl(asked, inForce.policyChanges, before?.proposed, ctx, expiresHours);
  if (!decided.ok) return decided;
  return ok({ ...(decided.value.proposed ? inForce : asked), ...decided.value });
}

/** The terms alone. */
export const termsOf = ({ rules, policyChanges, ledgerChanges, answers }: ApprovalTerms): ApprovalTerms =>
  defined({ rules, policyChanges, ledgerChanges, answers });

/**
 * Whether terms surely ask for no fewer people than those before, for any resolution. Every rule that was there stays in
 * its place, with as many approvers and as many people barred. Rules may be added behind them: a first rule that fits
 * decides, so one before them could be laxer. An added rule names no currency that no rule of its command and severity
 * named before, since foreign amounts are judged by all rules that name one.
 */
export function isAtLeastAsStrict(before: ApprovalTerms, after: ApprovalTerms): boolean {
  const keeps = before.rules.every((rule, i) => isKept(rule, after.rules[i]));
  const added = after.rules.slice(before.rules.length);
  return (
    keeps &&
    added.every((rule) => namesNoNewCurrency(rule, before.rules)) &&
    controls.every((control) => (after[control]?.approvers ?? 0) >= (before[control]?.approvers ?? 0))
  );
}

const isKept = (before: ApprovalRule, after: ApprovalRule | undefined): boolean =>
  after?.command === before.command &&
  after.currency === before.currency &&
  after.minimumAmount === before.minimumAmount &&
  after.severity === before.severity &&
  after.approvers >= before.approvers &&
  (before.mayNotApprove ?? []).every((barred) => after.mayNotApprove?.includes(barred));

const namesNoNewCurrency = ({ command, currency, severity }: ApprovalRule, rules: readonly ApprovalRule[]) =>
  currency === undefined ||
  rules.some(
    (rule) =>
      rule.command === command &&
      rule.currency === currency &&
      (rule.severity === undefined || rule.severity === severity),
  );
