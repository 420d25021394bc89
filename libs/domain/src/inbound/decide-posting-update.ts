import type { Context } from '../change';
import type { Dispatch } from '../dispatch/dispatch';
import { decideOutcome } from '../outcome/decide-outcome';
import { explain } from '../refusal';
import { plainLine } from '../value/plain';
import { recorded, refused, type InboundDecision } from './inbound-decision';
import type { TicketUpdate } from './message';

type PostingUpdate = Extract<TicketUpdate, { type: 'posted' | 'not_posted' }>;

/** With the words before it, the problem of a dispatch has 500 characters at most. */
const maxReasonLength = 470;

/** The problem of a posting that the ledger refuses, at once or in a message; its reason is one line of 470 characters. */
export const ledgerRefusal = (reason: string): string =>
  `The ledger refused it: ${plainLine(reason, maxReasonLength)}`;

/** Decides what a ledger's answer does. An answer is final: a later one that differs is for a person to look at. */
export function decidePostingUpdate(
  update: PostingUpdate,
  loaded: Parameters<typeof decideOutcome>[0],
  ctx: Context,
): InboundDecision {
  const { dispatch } = loaded;
  if (dispatch.state === 'CONFIRMED') return afterPosted(update, dispatch);
  if (dispatch.state === 'FAILED') return afterRefused(update, dispatch);
  const change = decideOutcome(
    loaded,
    update.type === 'posted'
      ? { type: 'confirm', reference: update.reference ?? dispatch.id }
      : { type: 'refuse', problem: ledgerRefusal(update.reason) },
    ctx,
  );
  return change.ok ? { outcome: 'applied', posting: change.value } : refused(explain(change.refusal));
}

function afterPosted(update: PostingUpdate, { id, externalReference: known }: Dispatch): InboundDecision {
  const before = `that it posted it as ${known}`;
  if (update.type === 'not_posted')
    return refused(
      `The ledger says of ${id} that it refused it (${update.reason}), and said before ${before}.`,
    );
  // Until the ledger gives a reference, our id stands in for it.
  const isSame = update.reference === undefined || update.reference === known || known === id;
  return isSame
    ? recorded('The ledger has said so before.')
    : refused(
        `The ledger says of ${id} that it posted it as ${update.reference}, and said before ${before}: it may be there twice.`,
      );
}

const afterRefused = (
  update: PostingUpdate,
  { id, lastError = 'for no reason' }: Dispatch,
): InboundDecision =>
  update.type === 'not_posted'
    ? recorded('It was refused before.')
    : refused(
        `The ledger says that it posted ${id}${update.reference ? ` as ${update.reference}` : ''}, ` +
          `which was refused before and has come back: ${lastError}`,
      );
