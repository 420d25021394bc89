import type { CommentCommand } from './comment/comment';
import type { DisputeCommandType } from './dispute/dispute.lifecycle';
import type { ExceptionCommandType } from './exception/exception.lifecycle';
import type { RefusalCode } from './refusal';

type Table<Command extends string> = Readonly<Record<Command, readonly RefusalCode[]>>;

const amount = ['unknown_currency', 'amount_precision', 'amount_out_of_range'] as const;
const resolving = ['not_allowed', 'still_pending', 'dispute_active', 'reason_not_listed'] as const;

/*
 * Refusals by command: with which codes a desk may refuse it, beside those that any command can have, which are not_found,
 * stale_version, invalid_value, and for an idempotency key idempotency_key_reused and request_in_progress. For documents;
 * a spec compares the tables with what is decided.
 */

/** The refusal codes of each command to an exception, beside those that any command can have. */
export const exceptionRefusals = {
  assign: ['not_allowed', 'already_assigned'],
  unassign: ['not_allowed'],
  force_match: [...resolving, ...amount, 'residual_not_accepted'],
  adjust_entry: [...resolving, ...amount, 'amount_not_positive'],
  resolve: resolving,
  propose: [...resolving, ...amount, 'amount_not_positive', 'residual_not_accepted'],
  dispatch: ['not_allowed', 'still_pending', 'already_dispatched', 'connector_not_configured'],
  confirm: [
    'not_allowed',
    'own_proposal',
    'already_approved',
    'assigned_by_approver',
    'proposal_expired',
    'dispute_active',
  ],
  return: ['not_allowed'],
  recall: ['not_allowed', 'still_pending'],
} as const satisfies Table<ExceptionCommandType>;

/**
 * The refusal codes of commands that name a proposal (`of: 'proposal'`), as the routes approve, reject and withdraw do.
 */
export const proposalRefusals = {
  confirm: [
    'not_allowed',
    'nothing_proposed',
    'own_proposal',
    'already_approved',
    'assigned_by_approver',
    'proposal_expired',
    'dispute_active',
  ],
  return: ['not_allowed', 'nothing_proposed', 'own_proposal'],
  recall: ['not_allowed', 'nothing_proposed', 'still_pending', 'not_proposer'],
} as const satisfies Table<'confirm' | 'return' | 'recall'>;

/** The refusal codes of each command to a dispute, beside those that any command can have. */
export const disputeRefusals = {
  open: ['not_allowed'],
  request_evidence: ['not_allowed'],
  submit_evidence: ['not_allowed', 'evidence_limit'],
  win: ['not_allowed'],
  lose: ['not_allowed'],
  reopen: ['not_allowed', 'dispute_active'],
} as const satisfies Table<DisputeCommandType>;

/** The refusal codes of each command to a comment, beside those that any command can have. */
export const commentRefusals = {
  edit_comment: ['not_author'],
  delete_comment: ['not_author'],
} as const satisfies Table<CommentCommand['type']>;
