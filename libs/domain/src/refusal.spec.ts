import { explain, type Refusal, type RefusalCode } from './refusal';

/** One refusal of every code, and the sentence a person is to read. */
const said: { readonly [C in RefusalCode]: readonly [Omit<Extract<Refusal, { code: C }>, 'code'>, string] } =
  {
    not_found: [{ what: 'exception', id: 'abc' }, 'There is no exception abc; check the id.'],
    not_allowed: [
      { command: 'unassign', status: 'OPEN', allowed: ['assign', 'resolve'] },
      'unassign is not possible while the status is OPEN; possible now: assign, resolve.',
    ],
    still_pending: [
      { waitsFor: 'approval' },
      'It waits for approval; what was proposed has to be approved, rejected or withdrawn first.',
    ],
    already_assigned: [
      { assignee: 'bo' },
      'It is already assigned to bo; name somebody else or a new due date.',
    ],
    own_proposal: [{ proposedBy: 'ana' }, 'ana proposed this; somebody else has to decide on it.'],
    already_approved: [
      { approver: 'bo' },
      'bo approved this already; somebody else has to approve it as well.',
    ],
    assigned_by_approver: [
      { assignedBy: 'bo' },
      'bo assigned this, so somebody else has to approve what was proposed.',
    ],
    not_proposer: [{ proposedBy: 'ana' }, 'Only ana, who proposed this, may withdraw it; reject it instead.'],
    nothing_proposed: [{}, 'Nothing that was proposed here awaits approval; read it again.'],
    proposal_expired: [
      { expiresAt: '2026-01-05T03:04:05.678Z' },
      'What was proposed could be approved until 2026-01-05T03:04:05Z; reject or withdraw it, and propose it again.',
    ],
    dispute_active: [
      { disputeId: 'd1', category: 'OTHER' },
      'Dispute d1 (OTHER) is still active; close it first.',
    ],
    evidence_limit: [
      { disputeId: 'd1', limit: 500 },
      'Dispute d1 already has 500 pieces of evidence, the most it can hold; close it.',
    ],
    already_dispatched: [
      { target: 'JIRA', reference: 'OPS-1' },
      'It is already dispatched to JIRA as OPS-1; recall that first.',
    ],
    connector_not_configured: [
      { target: 'JIRA' },
      'No connection to JIRA is configured; set one up and dispatch it again, with a new idempotency key if it had one, or choose another target.',
    ],
    dispatch_refused: [
      { target: 'JIRA', problem: 'priority is unknown.' },
      'JIRA did not take it: priority is unknown; correct that and dispatch it again, with a new idempotency key if it had one.',
    ],
    already_reversed: [
      { adjustmentId: 'a1', reversedBy: 'a2' },
      'Adjustment a1 was already reversed, by a2.',
    ],
    not_reversible: [
      { adjustmentId: 'a2', reverses: 'a1' },
      'Adjustment a2 is itself the reversal of a1; resolve the exception that it reopened instead.',
    ],
    not_author: [{ author: 'bo' }, 'Only bo may change this comment; add one of your own.'],
    callback_mismatch: [
      { externalSystem: 'JIRA', externalIssueId: 'OPS-1' },
      'It is dispatched to JIRA as OPS-1; send the callback for that.',
    ],
    unknown_currency: [
      { field: 'currency', currency: 'XXX' },
      'currency XXX is not a current ISO 4217 currency with minor units; name one that is.',
    ],
    amount_precision: [
      { field: 'amount', currency: 'JPY', allowed: 0 },
      'amount may have at most 0 fraction digits in JPY.',
    ],
    amount_not_positive: [{ field: 'amount' }, 'amount must be greater than zero.'],
    amount_out_of_range: [
      { field: 'amount', integerDigits: 20 },
      'amount may have at most 20 digits before the decimal point.',
    ],
    adjustment_does_not_fit: [
      {
        ...{ amount: '999', currency: 'JPY', exceptionAmount: '686', exceptionCurrency: 'KRW' },
        maxPercent: 100,
      },
      '999 JPY does not fit an exception of 686 KRW; adjust at most 100% of that, in KRW.',
    ],
    reason_not_listed: [
      { field: 'overrideReason', given: 'WHIM', allowed: ['FEE', 'TIMING'] },
      'overrideReason WHIM is not among the reason codes; give one of FEE, TIMING.',
    ],
    residual_not_accepted: [
      { residuals: [{ amount: '-3', currency: 'JPY', tolerance: '1' }] },
      'The counterparts leave -3 JPY, where up to 1 JPY is tolerated; correct them, or accept what is left with acceptResidual: true.',
    ],
    unexpected_count: [{ expected: 3, actual: 2 }, '3 were expected, and there are 2; preview it again.'],
    invalid_value: [{ field: 'assignee', problem: 'must not be blank' }, 'assignee must not be blank.'],
    stale_version: [
      { expected: 1, actual: 3 },
      'Version 1 was asked for, but it is at version 3; read it again.',
    ],
    request_in_progress: [
      {},
      'The first request with this idempotency key, or another change of the same thing, is still running; repeat this one in a moment.',
    ],
    idempotency_key_reused: [
      {},
      'This idempotency key was already used for another request; send a new key with a new request.',
    ],
  };

describe('a refusal', () => {
  it.each(Object.entries(said))('%s is explained in one sentence', (code, [facts, sentence]) => {
    expect(explain({ code, ...facts } as Refusal)).toBe(sentence);
    expect(sentence).toMatch(/^\S[^.]*\.$/);
  });

  it('says so when nothing more can happen', () => {
    expect(explain({ code: 'not_allowed', command: 'assign', status: 'RESOLVED', allowed: [] })).toBe(
      'assign is not possible while the status is RESOLVED; nothing more can happen to it.',
    );
  });

  it('says how many reason codes it leaves out, and when one is missing altogether', () => {
    expect(explain({ code: 'reason_not_listed', field: 'reason', allowed: ['FEE'], more: 7 })).toBe(
      'reason has to be given here: one of FEE or 7 more.',
    );
  });

  it('tells of every currency in which too much is left', () => {
    const residuals = [
      { amount: '0.06', currency: 'EUR', tolerance: '0.05' },
      { amount: '-1', currency: 'JPY', tolerance: '0' },
    ];
    expect(explain({ code: 'residual_not_accepted', residuals })).toMatch(
      /leave 0\.06 EUR, where up to 0\.05 EUR is tolerated, and -1 JPY, where up to 0 JPY is tolerated; /,
    );
  });

  it('leaves out a reference that is not known yet', () => {
    expect(explain({ code: 'already_dispatched', target: 'JIRA' })).toBe(
      'It is already dispatched to JIRA; recall that first.',
    );
  });

  it('does not tell to recall what cannot be recalled', () => {
    expect(explain({ code: 'already_dispatched', target: 'JIRA', beyondRecall: true })).toBe(
      'It is already dispatched to JIRA; nobody waits for that any more, so assign or resolve it here, or dispatch it to another target.',
    );
  });
});
