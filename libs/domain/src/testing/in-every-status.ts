import type { Dispute } from '../dispute/dispute';
import type { ReconException } from '../exception/recon-exception';
import { aDispute, anException, sampleCommands } from './builders';

/** Whatever a report can say; no two fields alike, so that a store which confuses them is noticed. */
const raised = anException({
  version: 2,
  severity: 'CRITICAL',
  amount: { amount: '-1234567890.05', currency: 'BRL' },
  source: 'bank feed',
  occurredAt: '2025-12-24T18:00:00.001Z',
  dueAt: '2026-01-03T04:05:06.007Z',
  differences: [
    { field: 'amount', expected: '1234567890.05', actual: '1234567890.50' },
    { field: 'value date', expected: '2025-12-24' },
    { field: 'memo', actual: 'Xmas' },
  ],
  metadata: { zone: 'north', account: '4711', 'batch no.': '7' },
  seenCount: 3,
  lastSeenAt: '2026-01-02T09:00:00.002Z',
  createdAt: '2026-01-02T08:00:00.003Z',
  updatedAt: '2026-01-02T10:00:00.004Z',
});

const assigned: ReconException = { ...raised, version: 3, status: 'ASSIGNED', assignedTo: 'bo' };

const waiting: ReconException = { ...assigned, version: 4, status: 'PENDING_RESOLUTION' };

const dispatched = {
  externalSystem: 'JIRA',
  externalIssueId: 'OPS-4711',
  externalUpdatedAt: '2026-01-02T10:50:00.008Z',
} as const;

const resolved: ReconException = {
  ...assigned,
  version: 5,
  status: 'RESOLVED',
  resolutionReason: 'because of this',
  resolutionNotes: 'done like that',
  resolvedAt: '2026-01-02T11:00:00.005Z',
  resolvedBy: 'cy',
};

/**
 * An exception in every status and, pending, in every wait: with every field it can have there, and once with none
 * that it could do without. A new field belongs here before it belongs in a store.
 */
export const inEveryStatus: Readonly<Record<string, ReconException>> = {
  'OPEN, with nothing but what it must have': anException(),
  OPEN: raised,
  ASSIGNED: assigned,
  'ASSIGNED, taken up by an external system': { ...assigned, ...dispatched },
  'PENDING_RESOLUTION for an external system, which has yet to say anything': {
    ...waiting,
    pending: 'external',
    externalSystem: 'SERVICENOW',
  },
  'PENDING_RESOLUTION for an external system': { ...waiting, pending: 'external', ...dispatched },
  'PENDING_RESOLUTION for an external system, for too long': {
    ...waiting,
    ...dispatched,
    pending: 'external',
    pendingSince: '2026-01-02T10:20:00.010Z',
    flaggedAt: '2026-01-09T10:20:00.011Z',
  },
  'PENDING_RESOLUTION for approval': {
    ...waiting,
    pending: 'approval',
    proposal: {
      resolution: sampleCommands.exception.adjust_entry,
      proposedBy: 'bo',
      proposedAt: '2026-01-02T10:30:00.006Z',
    },
  },
  'PENDING_RESOLUTION for approval, taken up by an external system': {
    ...waiting,
    ...dispatched,
    pending: 'approval',
    proposal: {
      resolution: sampleCommands.exception.resolve,
      proposedBy: 'bo',
      proposedAt: '2026-01-02T10:35:00.009Z',
    },
  },
  'PENDING_RESOLUTION for the ledger': {
    ...waiting,
    pending: 'ledger',
    proposal: {
      resolution: sampleCommands.exception.force_match,
      proposedBy: 'di',
      proposedAt: '2026-01-02T10:40:00.007Z',
      residuals: [
        { amount: '-1234567890.05', currency: 'EUR', tolerance: '0.05' },
        { amount: '-150.50', currency: 'BRL', tolerance: '0.00' },
        { amount: '12', currency: 'JPY', tolerance: '0' },
      ],
    },
  },
  'RESOLVED by a force match': { ...resolved, resolutionType: 'FORCE_MATCH' },
  'RESOLVED by an adjustment': { ...resolved, resolutionType: 'ADJUST_ENTRY' },
  'RESOLVED by an adjustment, whose reversal the ledger refused': {
    ...resolved,
    version: 7,
    resolutionType: 'ADJUST_ENTRY',
    ledgerMismatches: ['019b7c00-0000-7000-8000-00000000a2a2', '019b7c00-0000-7000-8000-00000000a3a3'],
  },
  'RESOLVED by an external system': { ...resolved, ...dispatched },
  'RESOLVED by an adjustment, whose reversal awaits approval': {
    ...resolved,
    version: 6,
    resolutionType: 'ADJUST_ENTRY',
    pending: 'approval',
    pendingSince: '2026-01-02T12:00:00.012Z',
    proposal: {
      resolution: {
        type: 'reverse',
        adjustment: {
          id: '019b7c00-0000-7000-8000-00000000a1a1',
          exceptionId: raised.id,
          amount: { amount: '99999999999999999999.99', currency: 'EUR' },
          direction: 'CREDIT',
          effectiveAt: '2026-01-01T00:00:00.000Z',
          reasonCode: 'FEE_ADJUSTMENT',
          notes: 'The wire fee was booked twice.',
          createdBy: 'cy',
          createdAt: '2026-01-02T11:00:00.005Z',
        },
        carried: true,
        reason: 'Booked against the wrong account.',
        effectiveAt: '2026-02-01T00:00:00.000Z',
      },
      proposedBy: 'di',
      proposedAt: '2026-01-02T12:00:00.012Z',
      approvalsNeeded: 2,
      approvals: [{ by: 'bo', at: '2026-01-02T12:30:00.013Z' }],
      rule: { command: 'adjust_entry', approvers: 2 },
      policyVersion: 3,
      expiresAt: '2026-01-05T12:00:00.012Z',
    },
  },
};

const argued = aDispute({
  version: 3,
  category: 'AMOUNT_MISMATCH',
  description: 'The amounts differ by a typing error.',
  openedBy: 'bo',
  evidence: [
    {
      id: '019b7c00-0000-7000-8000-0000000000a1',
      disputeId: aDispute().id,
      comment: 'The bank statement.',
      fileUrl: 'https://files.example.com/statement.pdf?page=2#line-7',
      submittedBy: 'cy',
      submittedAt: '2026-01-02T09:00:00.002Z',
    },
    {
      id: '019b7c00-0000-7000-8000-0000000000a2',
      disputeId: aDispute().id,
      comment: 'Confirmed by telephone.',
      submittedBy: 'di',
      submittedAt: '2026-01-02T09:30:00.003Z',
    },
  ],
  createdAt: '2026-01-02T08:00:00.001Z',
  updatedAt: '2026-01-02T10:00:00.004Z',
});

/** A dispute in every state, with every field it can have there; evidence comes with the states that can have some. */
export const inEveryDisputeState: Readonly<Record<string, Dispute>> = {
  DRAFT: aDispute({ state: 'DRAFT' }),
  OPEN: argued,
  'OPEN once more': { ...argued, reopenReason: 'The bank sent new papers.' },
  PENDING_EVIDENCE: { ...argued, state: 'PENDING_EVIDENCE' },
  WON: { ...argued, state: 'WON', resolution: 'The bank paid.' },
  LOST: { ...argued, state: 'LOST', resolution: 'The bank was right.' },
  'LOST once more': {
    ...argued,
    state: 'LOST',
    resolution: 'The bank was right again.',
    reopenReason: 'The bank sent new papers.',
  },
};
