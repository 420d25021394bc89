import type { CommentCommand } from './comment/comment';
import { disputeLifecycle, type DisputeCommandType } from './dispute/dispute.lifecycle';
import { exceptionLifecycle, type ExceptionCommandType } from './exception/exception.lifecycle';
import { exceptionRules } from './exception/exception.rules';
import { commands } from './lifecycle';
import type { RefusalCode } from './refusal';

/** The refusal codes of each command. */
export type RefusalTable<Command extends string> = Readonly<Record<Command, readonly RefusalCode[]>>;

/*
 * Refusals by command: with which codes a desk may refuse it, beside those that any command can have, which are not_found,
 * stale_version, invalid_value, and for an idempotency key idempotency_key_reused and request_in_progress. For documents;
 * a spec compares the tables with what is decided.
 */

/** Every command of a lifecycle may come in a status that does not have it. */
const ofCommands = <C extends string>(
  all: readonly C[],
  more: (command: C) => readonly RefusalCode[],
): RefusalTable<C> => {
  const table: Partial<Record<C, readonly RefusalCode[]>> = {};
  for (const command of all) table[command] = ['not_allowed', ...more(command)];
  return table as RefusalTable<C>;
};

const exceptionCommands = commands(exceptionLifecycle);

/**
 * The refusal codes of each command to an exception, of a report (`raise`) and of a callback (`receive`), beside those that any
 * command can have.
 */
export const exceptionRefusals: RefusalTable<ExceptionCommandType | 'raise' | 'receive'> = {
  ...ofCommands(exceptionCommands, (command) => exceptionRules[command]?.refuses ?? []),
  raise: ['unknown_currency', 'amount_precision', 'amount_out_of_range'],
  receive: ['not_allowed', 'still_pending', 'already_assigned', 'callback_mismatch'],
};

/** The commands that decide on a proposal. */
export type ProposalDecision = 'confirm' | 'return' | 'recall';

const decisions: readonly ProposalDecision[] = ['confirm', 'return', 'recall'];

/**
 * The refusal codes of commands that name a proposal (`of: 'proposal'`), as the routes approve, reject and withdraw do.
 */
export const proposalRefusals: RefusalTable<ProposalDecision> = ofCommands(decisions, (command) => [
  'nothing_proposed',
  ...(exceptionRules[command]?.refuses ?? []),
  ...(exceptionRules[command]?.refusesOfProposal ?? []),
]);

const disputeCodes: Partial<RefusalTable<DisputeCommandType>> = {
  submit_evidence: ['evidence_limit'],
  reopen: ['dispute_active'],
};

/** The refusal codes of each command to a dispute, and of opening one, as a draft or not (`draft`). */
export const disputeRefusals: RefusalTable<DisputeCommandType | 'draft'> = {
  ...ofCommands(commands(disputeLifecycle), (command) => disputeCodes[command] ?? []),
  draft: ['dispute_active'],
};

/** The refusal codes of each command to a comment, beside those that any command can have. */
export const commentRefusals = {
  add_comment: [],
  edit_comment: ['not_author'],
  delete_comment: ['not_author'],
} as const satisfies RefusalTable<CommentCommand['type'] | 'add_comment'>;

/** The refusal codes of commands to an adjustment. */
export const adjustmentRefusals = {
  reverse: ['still_pending', 'already_reversed', 'not_reversible'],
} as const satisfies RefusalTable<'reverse'>;

/** The refusal codes of what an operator does about a dispatch that was given up. */
export const dispatchRefusals = {
  redrive: ['not_allowed'],
  answer: ['not_allowed', 'own_proposal', 'already_approved'],
} as const satisfies RefusalTable<'redrive' | 'answer'>;
