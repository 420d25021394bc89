import {
  explain,
  type ExceptionChange,
  type LoadedException,
  type Money,
  type Policy,
  type Proposal,
  type ReconException,
  type HistoryLine,
  type Timestamp,
} from '@redress/domain';
import { allowedActions } from '@redress/domain/actions';
import type { Caller } from '../auth/caller';
import { mayReport } from '../auth/scopes';
import { etag } from '../http/conditional';
import { allowedRoutes } from '../http/allowed-routes';
import { exceptionActions } from './exception-commands';
import { HttpAnswer } from '../http/http-answer';

/* How domain objects read on the wire: what is unset is left out, money is two members, nothing internal is shown. */

/** A JSON object as it is sent. */
export type Wire = Record<string, unknown>;

/** Money as two members: `amount` and `currency`. */
export const withMoney = ({ amount, ...rest }: { amount?: Money }): Wire => ({ ...rest, ...amount });

export function exceptionBody({ proposal, externalUpdatedAt: _seen, ...exception }: ReconException): Wire {
  const body = withMoney(exception);
  return proposal ? { ...body, proposal: proposalBody(proposal) } : body;
}

/** A resolution that is posted directly to the ledger needs no approval. */
const proposalBody = ({
  resolution,
  postingId,
  approvalsNeeded = postingId === undefined ? 1 : 0,
  approvals = [],
  rule: _rule,
  ...proposal
}: Proposal): Wire => ({
  command: resolution.type,
  details: detailsOf(resolution),
  ...proposal,
  ...(postingId !== undefined && { postingId }),
  approvalsNeeded,
  approvals,
});

/** What the command says; of a reversal, of the adjustment that it takes back what there is to decide on. */
function detailsOf(resolution: Proposal['resolution']): Wire {
  if (resolution.type !== 'reverse') {
    const { type: _type, ...details } = resolution;
    return details;
  }
  const { adjustment, reason, effectiveAt } = resolution;
  const { id: adjustmentId, amount, direction } = adjustment;
  return { adjustmentId, ...amount, direction, reason, ...(effectiveAt !== undefined && { effectiveAt }) };
}

/** `action`, `actorId` and `createdAt` repeat members of the event by other names; they are no part of what is hashed. */
export const historyBody = ({ seq, event, prevHash, hash }: HistoryLine): Wire => ({
  seq,
  ...event,
  ...{ action: event.type, actorId: event.actor, createdAt: event.at },
  prevHash,
  hash,
});

/** The exception with all that the caller, with the caller's scopes, can do with it now. `base`: where the API is mounted. */
export function exceptionDetail(
  { exception, facts }: LoadedException,
  caller: Caller,
  now: Timestamp,
  policy: Policy,
  base: string,
): Wire {
  const scopes = mayReport(caller.scopes, exception.externalSystem ?? 'MANUAL')
    ? new Set([...caller.scopes, 'callback:process'])
    : caller.scopes;
  const answers = allowedActions(exception, { actor: caller.actor, now }, facts, policy);
  return {
    ...exceptionBody(exception),
    allowedActions: allowedRoutes(
      answers,
      exceptionActions,
      { scopes },
      `${base}/v1/exceptions/${exception.id}`,
    ),
  };
}

export const exceptionAnswer =
  (status: number) =>
  ({ state }: { state: ReconException }): HttpAnswer =>
    HttpAnswer.json(status, exceptionBody(state), { etag: etag(state.version) });

/** With what the policy warns of. */
export const adjustedAnswer = (change: ExceptionChange): HttpAnswer => {
  const { state, warnings } = change;
  if (!warnings) return exceptionAnswer(200)(change);
  const shown = warnings.map((warning) => ({ code: warning.code, message: explain(warning) }));
  return HttpAnswer.json(200, { ...exceptionBody(state), warnings: shown }, { etag: etag(state.version) });
};

/** With what its counterparts leave, where some were named: now, or once it is approved. */
export const forceMatchAnswer = (change: ExceptionChange): HttpAnswer => {
  const { state, match } = change;
  const residuals = match?.residuals ?? state.proposal?.residuals;
  if (!residuals) return exceptionAnswer(200)(change);
  return HttpAnswer.json(200, { ...exceptionBody(state), residuals }, { etag: etag(state.version) });
};

/** 201 for a new one, 200 for one that was there already. */
export const raisedAnswer = (change: ExceptionChange): HttpAnswer => {
  const { status, headers, body } = exceptionAnswer(change.basedOn === 0 ? 201 : 200)(change);
  return new HttpAnswer(status, { ...headers, location: `/v1/exceptions/${change.state.id}` }, body);
};
