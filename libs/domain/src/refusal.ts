/**
 * Every way the domain says no. A new member breaks two tables until it has its place in them: `explain` below,
 * and the HTTP status table of the app.
 */
export type Refusal =
  | Readonly<{
      code: 'not_found';
      what:
        | 'exception'
        | 'dispute'
        | 'comment'
        | 'dispatch'
        | 'adjustment'
        | 'connection'
        | 'webhook_endpoint'
        | 'delivery'
        | 'message';
      id: string;
    }>
  | Readonly<{ code: 'not_allowed'; command: string; status: string; allowed: readonly string[] }>
  | Readonly<{ code: 'still_pending'; waitsFor: string }>
  | Readonly<{ code: 'already_assigned'; assignee: string }>
  | Readonly<{ code: 'own_proposal'; proposedBy: string }>
  | Readonly<{ code: 'already_approved'; approver: string }>
  | Readonly<{ code: 'assigned_by_approver'; assignedBy: string }>
  | Readonly<{ code: 'not_proposer'; proposedBy: string }>
  | Readonly<{ code: 'nothing_proposed' }>
  | Readonly<{ code: 'proposal_expired'; expiresAt: string }>
  | Readonly<{ code: 'dispute_active'; disputeId: string; category: string }>
  | Readonly<{ code: 'evidence_limit'; disputeId: string; limit: number }>
  | Readonly<{ code: 'already_dispatched'; target: string; reference?: string; beyondRecall?: true }>
  | Readonly<{ code: 'connector_not_configured'; target: string }>
  | Readonly<{ code: 'dispatch_refused'; target: string; problem: string }>
  | Readonly<{ code: 'already_reversed'; adjustmentId: string; reversedBy: string }>
  | Readonly<{ code: 'not_reversible'; adjustmentId: string; reverses: string }>
  | Readonly<{ code: 'not_author'; author: string }>
  | Readonly<{ code: 'callback_mismatch'; externalSystem?: string; externalIssueId?: string }>
  | Readonly<{ code: 'unknown_currency'; field: string; currency: string }>
  | Readonly<{ code: 'amount_precision'; field: string; currency: string; allowed: number }>
  | Readonly<{ code: 'amount_not_positive'; field: string }>
  | Readonly<{ code: 'amount_out_of_range'; field: string; integerDigits: number }>
  | Readonly<{
      code: 'adjustment_does_not_fit';
      amount: string;
      currency: string;
      /** The largest amount that the exception names, without its sign. */
      exceptionAmount: string;
      exceptionCurrency: string;
      maxPercent: number;
    }>
  | Readonly<{
      code: 'reason_not_listed';
      field: string;
      given?: string;
      /** The first of them; `more` are left out. */
      allowed: readonly string[];
      more?: number;
    }>
  | Readonly<{
      code: 'residual_not_accepted';
      residuals: readonly Readonly<{ amount: string; currency: string; tolerance: string }>[];
    }>
  | Readonly<{ code: 'unexpected_count'; expected: number; actual: number }>
  | Readonly<{ code: 'invalid_value'; field: string; problem: string }>
  | Readonly<{ code: 'stale_version'; expected: number; actual: number }>
  | Readonly<{ code: 'idempotency_key_reused' }>
  | Readonly<{ code: 'request_in_progress' }>;

/** The stable names of refusals, for programs. `explain` has the sentence for people. */
export type RefusalCode = Refusal['code'];

/** A refusal is kept for its key (`runOnce`): repeated under the same key, the request gets it again. */
const anew = 'again, with a new idempotency key if it had one';

type Sentences = { [C in RefusalCode]: (refusal: Extract<Refusal, { code: C }>) => string };

const sentences: Sentences = {
  not_found: (r) => `There is no ${r.what} ${r.id}; check the id.`,
  not_allowed: (r) =>
    `${r.command} is not possible while the status is ${r.status}; ` +
    (r.allowed.length ? `possible now: ${r.allowed.join(', ')}.` : 'nothing more can happen to it.'),
  still_pending: (r) =>
    r.waitsFor === 'ledger'
      ? 'It waits for the ledger, whose answer resolves or returns it; read it again in a while.'
      : r.waitsFor === 'approval'
        ? 'It waits for approval; what was proposed has to be approved, rejected or withdrawn first.'
        : 'It waits for an external system; recall it first.',
  already_assigned: (r) => `It is already assigned to ${r.assignee}; name somebody else or a new due date.`,
  own_proposal: (r) => `${r.proposedBy} proposed this; somebody else has to decide on it.`,
  already_approved: (r) => `${r.approver} approved this already; somebody else has to approve it as well.`,
  assigned_by_approver: (r) =>
    `${r.assignedBy} assigned this, so somebody else has to approve what was proposed.`,
  not_proposer: (r) => `Only ${r.proposedBy}, who proposed this, may withdraw it; reject it instead.`,
  nothing_proposed: () => 'Nothing that was proposed here awaits approval; read it again.',
  proposal_expired: (r) =>
    `What was proposed could be approved until ${r.expiresAt.replace(/\.\d+/, '')}; reject or withdraw it, and propose it again.`,
  dispute_active: (r) => `Dispute ${r.disputeId} (${r.category}) is still active; close it first.`,
  evidence_limit: (r) =>
    `Dispute ${r.disputeId} already has ${r.limit} pieces of evidence, the most it can hold; close it.`,
  already_dispatched: (r) =>
    `It is already dispatched to ${r.target}${r.reference ? ` as ${r.reference}` : ''}` +
    (r.beyondRecall
      ? '; nobody waits for that any more, so assign or resolve it here, or dispatch it to another target.'
      : '; recall that first.'),
  connector_not_configured: (r) =>
    `No connection to ${r.target} is configured; set one up and dispatch it ${anew}, or choose another target.`,
  dispatch_refused: (r) =>
    `${r.target} did not take it: ${r.problem.replace(/\.$/, '')}; correct that and dispatch it ${anew}.`,
  already_reversed: (r) => `Adjustment ${r.adjustmentId} was already reversed, by ${r.reversedBy}.`,
  not_reversible: (r) =>
    `Adjustment ${r.adjustmentId} is itself the reversal of ${r.reverses}; resolve the exception that it reopened instead.`,
  not_author: (r) => `Only ${r.author} may change this comment; add one of your own.`,
  callback_mismatch: (r) =>
    r.externalSystem
      ? `It is dispatched to ${r.externalSystem}${r.externalIssueId ? ` as ${r.externalIssueId}` : ''}; send the callback for that.`
      : 'It is not dispatched to anybody, so no callback is expected.',
  unknown_currency: (r) =>
    `${r.field} ${r.currency} is not a current ISO 4217 currency with minor units; name one that is.`,
  amount_precision: (r) => `${r.field} may have at most ${r.allowed} fraction digits in ${r.currency}.`,
  amount_not_positive: (r) => `${r.field} must be greater than zero.`,
  amount_out_of_range: (r) =>
    `${r.field} may have at most ${r.integerDigits} digits before the decimal point.`,
  adjustment_does_not_fit: (r) =>
    `${r.amount} ${r.currency} does not fit an exception of ${r.exceptionAmount} ${r.exceptionCurrency}; ` +
    `adjust at most ${r.maxPercent}% of that, in ${r.exceptionCurrency}.`,
  reason_not_listed: (r) =>
    (r.given === undefined
      ? `${r.field} has to be given here: `
      : `${r.field} ${r.given} is not among the reason codes; give `) +
    `one of ${r.allowed.join(', ')}${r.more === undefined ? '' : ` or ${r.more} more`}.`,
  residual_not_accepted: ({ residuals }) =>
    `The counterparts leave ${residuals.map(left).join(', and ')}; ` +
    'correct them, or accept what is left with acceptResidual: true.',
  unexpected_count: (r) => `${r.expected} were expected, and there are ${r.actual}; preview it again.`,
  invalid_value: (r) => `${r.field} ${r.problem}.`,
  stale_version: (r) =>
    `Version ${r.expected} was asked for, but it is at version ${r.actual}; read it again.`,
  idempotency_key_reused: () =>
    'This idempotency key was already used for another request; send a new key with a new request.',
  request_in_progress: () =>
    'The first request with this idempotency key, or another change of the same thing, is still running; repeat this one in a moment.',
};

const left = (r: Readonly<{ amount: string; currency: string; tolerance: string }>): string =>
  `${r.amount} ${r.currency}, where up to ${r.tolerance} ${r.currency} is tolerated`;

/** The refusal as a sentence for a person, saying what to do. Never contains data of another tenant. */
export const explain = (refusal: Refusal): string =>
  // The table is keyed by the code, so the entry found is the one for this member of the union.
  (sentences[refusal.code] as (r: Refusal) => string)(refusal);
