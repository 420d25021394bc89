import type { Lifecycle } from '../lifecycle';

/** The states of a dispute. WON and LOST are outcomes; a lost dispute can be reopened. */
export type DisputeState = 'DRAFT' | 'OPEN' | 'PENDING_EVIDENCE' | 'WON' | 'LOST';

/** The categories of disputes, for validation and documents. */
export const disputeCategories = [
  'BANK_FEE_ERROR',
  'UNRECOGNIZED_CHARGE',
  'DUPLICATE_TRANSACTION',
  'AMOUNT_MISMATCH',
  'OTHER',
] as const;
/** The subject of a dispute. One dispute may be active per exception and category. */
export type DisputeCategory = (typeof disputeCategories)[number];

/** The content of a new dispute; a draft is not put forward yet. */
export type DisputeOpening = Readonly<{ category: DisputeCategory; description: string; draft?: boolean }>;

/** A command to a dispute. Lengths of the texts: `limits`. */
export type DisputeCommand =
  | Readonly<{ type: 'open' }>
  | Readonly<{ type: 'request_evidence'; note: string }>
  /** `fileUrl` is https and is stored, never fetched. */
  | Readonly<{ type: 'submit_evidence'; comment: string; fileUrl?: string }>
  | Readonly<{ type: 'win'; resolution: string }>
  | Readonly<{ type: 'lose'; resolution: string }>
  | Readonly<{ type: 'reopen'; reason: string }>;

/** The commands to a dispute, by their names. */
export type DisputeCommandType = DisputeCommand['type'];

/** Lifecycle of a dispute: state → command → next state. */
export const disputeLifecycle: Lifecycle<DisputeState, DisputeCommandType> = {
  initial: ['DRAFT', 'OPEN'],
  moves: {
    DRAFT: { open: 'OPEN' },
    OPEN: { submit_evidence: 'OPEN', request_evidence: 'PENDING_EVIDENCE', win: 'WON', lose: 'LOST' },
    PENDING_EVIDENCE: { submit_evidence: 'OPEN', win: 'WON', lose: 'LOST' },
    WON: {},
    LOST: { reopen: 'OPEN' },
  },
};

/** States in which a dispute still expects an outcome: one per exception and category at a time. */
export const activeDisputeStates = [
  'DRAFT',
  'OPEN',
  'PENDING_EVIDENCE',
] as const satisfies readonly DisputeState[];

/** Whether a dispute still expects an outcome: its state is one of `activeDisputeStates`. */
export const isActive = ({ state }: Readonly<{ state: DisputeState }>): boolean =>
  (activeDisputeStates as readonly DisputeState[]).includes(state);

/** command → the type of its event. */
export const disputeEvents = {
  draft: 'dispute.drafted',
  open: 'dispute.opened',
  request_evidence: 'dispute.evidence_requested',
  submit_evidence: 'dispute.evidence_submitted',
  win: 'dispute.won',
  lose: 'dispute.lost',
  reopen: 'dispute.reopened',
} as const satisfies Record<DisputeCommandType | 'draft', string>;

/** The types of the events of disputes in the history of their exception. */
export type DisputeEventType = (typeof disputeEvents)[keyof typeof disputeEvents];
