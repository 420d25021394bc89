import { fieldChanges, historyEvent, type Change, type Context, type HistoryEvent } from '../change';
import type { ExceptionFacts } from '../exception/exception.facts';
import { move } from '../lifecycle';
import type { Refusal } from '../refusal';
import { ok, refuse, type Result } from '../result';
import { limits } from '../value/text';
import type { Timestamp } from '../value/timestamp';
import {
  disputeEvents,
  disputeLifecycle,
  type DisputeCategory,
  type DisputeCommand,
  type DisputeEventType,
  type DisputeOpening,
  type DisputeState,
} from './dispute.lifecycle';
import { validateCommand, validateOpening } from './dispute.validation';

/** A piece of evidence: a comment, and the https URL of a file, which is stored and never fetched. */
export type Evidence = Readonly<{
  id: string;
  disputeId: string;
  comment: string;
  fileUrl?: string;
  submittedBy: string;
  submittedAt: Timestamp;
}>;

/** A formal challenge of one exception, argued with evidence until it is won or lost. */
export type Dispute = Readonly<{
  id: string;
  exceptionId: string;
  version: number;
  state: DisputeState;
  category: DisputeCategory;
  description: string;
  openedBy: string;
  /** Oldest first. */
  evidence: readonly Evidence[];
  /** Only while WON or LOST. */
  resolution?: string;
  reopenReason?: string;
  createdAt: Timestamp;
  updatedAt: Timestamp;
}>;

/** The active disputes of the same exception. One that can be opened or reopened is not yet among them. */
export type ActiveDisputes = Pick<ExceptionFacts, 'activeDisputes'>;

/** An event of a dispute. `version` is that of the dispute. */
export type DisputeEvent = HistoryEvent<DisputeEventType>;
/** A new state of a dispute. `evidence` is the piece that the change submits. */
export type DisputeChange = Change<Dispute, DisputeEvent> & Readonly<{ evidence?: Evidence }>;

/** A new dispute of an exception: OPEN, or a DRAFT. One may be active per exception and category. */
export function openDispute(
  exceptionId: string,
  opening: DisputeOpening,
  ctx: Context,
  facts: ActiveDisputes,
): Result<DisputeChange> {
  const { category, description, draft = false } = opening;
  const refusal = validateOpening(opening) ?? otherActive(category, facts);
  if (refusal) return refuse(refusal);
  const state: Dispute = {
    id: ctx.newId(),
    exceptionId,
    version: 1,
    state: draft ? 'DRAFT' : 'OPEN',
    category,
    description,
    openedBy: ctx.actor,
    evidence: [],
    createdAt: ctx.now,
    updatedAt: ctx.now,
  };
  return ok({ basedOn: 0, state, events: [eventOf(draft ? 'draft' : 'open', undefined, state, ctx)] });
}

/** The effect of a command on a dispute, or its refusal. */
export function decideDispute(
  dispute: Dispute,
  command: DisputeCommand,
  ctx: Context,
  facts: ActiveDisputes,
): Result<DisputeChange> {
  const malformed = validateCommand(command);
  if (malformed) return refuse(malformed);
  const next = move(disputeLifecycle, dispute.state, command.type);
  if (!next.ok) return next;
  const refusal = broken(dispute, command, facts);
  if (refusal) return refuse(refusal);

  const [status = dispute.state] = next.value;
  const evidence = command.type === 'submit_evidence' ? submitted(dispute, command, ctx) : undefined;
  const { resolution: _cleared, ...kept } = dispute;
  const state: Dispute = {
    ...(command.type === 'reopen' ? { ...kept, reopenReason: command.reason } : dispute),
    ...((command.type === 'win' || command.type === 'lose') && { resolution: command.resolution }),
    ...(evidence && { evidence: [...dispute.evidence, evidence] }),
    state: status,
    version: dispute.version + 1,
    updatedAt: ctx.now,
  };
  const note = command.type === 'request_evidence' ? { note: command.note } : undefined;
  const events = [eventOf(command.type, dispute, state, ctx, evidence ? { evidence } : note)];
  return ok({ basedOn: dispute.version, state, events, ...(evidence && { evidence }) });
}

const otherActive = (category: DisputeCategory, facts: ActiveDisputes): Refusal | undefined => {
  const active = facts.activeDisputes.find((dispute) => dispute.category === category);
  return active && { code: 'dispute_active', disputeId: active.id, category };
};

function broken(dispute: Dispute, command: DisputeCommand, facts: ActiveDisputes): Refusal | undefined {
  if (command.type === 'reopen') return otherActive(dispute.category, facts);
  if (command.type === 'submit_evidence' && dispute.evidence.length >= limits.evidencePerDispute) {
    return { code: 'evidence_limit', disputeId: dispute.id, limit: limits.evidencePerDispute };
  }
  return undefined;
}

const submitted = (
  dispute: Dispute,
  { comment, fileUrl }: Extract<DisputeCommand, { type: 'submit_evidence' }>,
  ctx: Context,
): Evidence => ({
  id: ctx.newId(),
  disputeId: dispute.id,
  comment,
  ...(fileUrl !== undefined && { fileUrl }),
  submittedBy: ctx.actor,
  submittedAt: ctx.now,
});

/** The event has each piece of evidence once, where it was submitted, and not the whole list every time. */
function eventOf(
  what: keyof typeof disputeEvents,
  before: Dispute | undefined,
  after: Dispute,
  ctx: Context,
  data?: HistoryEvent['data'],
): DisputeEvent {
  const { evidence: _had, ...from } = before ?? { evidence: [] };
  const { evidence: _has, ...to } = after;
  const { id: disputeId, exceptionId, version } = after;
  const changes = fieldChanges(before && from, to);
  return historyEvent(disputeEvents[what], { exceptionId, disputeId, version }, changes, ctx, data);
}
