import type { Change } from '../change';
import { isActive } from '../dispute/dispute.lifecycle';
import type { ExceptionFacts } from '../exception/exception.facts';
import type {
  AdjustmentStore,
  CommentStore,
  DispatchStore,
  DisputeStore,
  ExceptionStore,
  Transaction,
} from '../ports/stores';
import type { Adjustment } from '../resolution/adjustment';
import { limits } from '../value/text';
import { latestOf, withIdentities } from './identities';
import { appendHistory, policyIn, reasonCodesIn, repliesIn, stale, staleOver } from './database';
import type { Tables } from './tables';

export const transactionOver = (t: Tables, replyKey: string | undefined): Transaction => ({
  exceptions: exceptionsIn(t),
  disputes: disputesIn(t),
  comments: commentsIn(t),
  dispatches: dispatchesIn(t),
  adjustments: adjustmentsIn(t),
  replies: repliesIn(t, replyKey),
});

function settingsIn(t: Tables): Pick<ExceptionFacts, 'approvalPolicy' | 'reasonCodes'> {
  const [approvalPolicy, reasonCodes] = [policyIn(t), reasonCodesIn(t)];
  return { ...(approvalPolicy && { approvalPolicy }), ...(reasonCodes && { reasonCodes }) };
}

const factsAbout = (t: Tables, exceptionId: string): ExceptionFacts => ({
  activeDisputes: [...t.disputes.values()]
    .filter((dispute) => dispute.exceptionId === exceptionId && isActive(dispute))
    .map(({ id, category }) => ({ id, category })),
  liveDispatches: [...t.dispatches.values()]
    .filter((dispatch) => dispatch.exceptionId === exceptionId && dispatch.live)
    .map(({ id, target, externalReference }) => ({
      id,
      target,
      ...(externalReference && { externalReference }),
    })),
  ...settingsIn(t),
  ...(t.ledger && { ledger: true as const }),
  ...([...t.comments.values()].filter((one) => one.exceptionId === exceptionId).length >= limits.comments && {
    commentsFull: true as const,
  }),
});

/** Saves the state of a change and its events, unless the stored version is another one. */
async function write<State extends Readonly<{ id: string; version: number }>>(
  t: Tables,
  table: Map<string, State>,
  change: Change<State>,
): Promise<void> {
  const { basedOn, state, events } = change;
  if (staleOver(table.get(state.id), basedOn)) return stale(change);
  table.set(state.id, state);
  appendHistory(t, events);
}

async function post(t: Tables, adjustment: Adjustment): Promise<void> {
  const { reverses } = adjustment;
  if (reverses !== undefined && [...t.adjustments.values()].some((one) => one.reverses === reverses))
    return Promise.reject(new Error(`The adjustment ${reverses} is reversed already.`));
  t.adjustments.set(adjustment.id, adjustment);
}

const exceptionsIn = (t: Tables): ExceptionStore => ({
  load: async (id) => {
    const exception = t.exceptions.get(id.toLowerCase());
    return exception && { exception, facts: factsAbout(t, exception.id) };
  },
  loadAll: async (ids) =>
    [...new Set(ids.map((id) => id.toLowerCase()))].flatMap((id) => {
      const exception = t.exceptions.get(id);
      return exception ? [{ exception, facts: factsAbout(t, id) }] : [];
    }),
  unresolved: async (identities) =>
    withIdentities(t, identities).filter(({ status }) => status !== 'RESOLVED'),
  latest: async (identities) => latestOf(t, identities),
  save: async (change) => {
    const { state, adjustment, match, dispatch, notes, endsDispatches } = change;
    await write(t, t.exceptions, change);
    if (adjustment) await post(t, adjustment);
    if (match) t.matches.push(match);
    if (endsDispatches) {
      for (const [id, out] of t.dispatches)
        if (out.exceptionId === state.id) t.dispatches.set(id, { ...out, live: false });
    }
    for (const reserved of [...(dispatch ? [dispatch] : []), ...(notes ?? [])])
      t.dispatches.set(reserved.id, reserved);
  },
});

const disputesIn = (t: Tables): DisputeStore => ({
  load: async (id) => {
    const dispute = t.disputes.get(id.toLowerCase());
    return dispute && { dispute, facts: factsAbout(t, dispute.exceptionId) };
  },
  save: async (change) => write(t, t.disputes, change),
});

const commentsIn = (t: Tables): CommentStore => ({
  load: async (exceptionId, id) => {
    const comment = t.comments.get(id.toLowerCase());
    return comment?.exceptionId === exceptionId.toLowerCase() && !comment.deletedAt ? comment : undefined;
  },
  save: async (change) => {
    await write(t, t.comments, change);
    for (const note of change.notes ?? []) t.dispatches.set(note.id, note);
  },
});

const adjustmentsIn = (t: Tables): AdjustmentStore => ({
  load: async (id) => {
    const adjustment = t.adjustments.get(id.toLowerCase());
    const exception = adjustment && t.exceptions.get(adjustment.exceptionId);
    if (!exception) return undefined;
    const reversal = [...t.adjustments.values()].find(({ reverses }) => reverses === adjustment.id);
    const posting = t.dispatches.has(adjustment.id) && { carried: true as const };
    const approvalPolicy = policyIn(t);
    return {
      adjustment,
      exception,
      ...(reversal && { reversedBy: reversal.id }),
      ...posting,
      ...(approvalPolicy && { approvalPolicy }),
    };
  },
});

const dispatchesIn = (t: Tables): DispatchStore => ({
  load: async (id) => {
    const dispatch = t.dispatches.get(id.toLowerCase());
    const exception = dispatch && t.exceptions.get(dispatch.exceptionId);
    if (!exception) return undefined;
    const ticket = dispatch.ticketId && t.dispatches.get(dispatch.ticketId);
    return { dispatch, exception, facts: factsAbout(t, exception.id), ...(ticket && { ticket }) };
  },
  save: async (change) => {
    const { attempt, exception } = change;
    await write(t, t.dispatches, change);
    if (attempt) t.attempts.push(attempt);
    if (exception) await exceptionsIn(t).save(exception);
  },
});
