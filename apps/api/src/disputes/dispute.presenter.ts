import type { Dispute, ListedDispute, LoadedDispute, Timestamp } from '@redress/domain';
import { allowedDisputeActions } from '@redress/domain/actions';
import type { Caller } from '../auth/caller';
import { allowedRoutes } from '../http/allowed-routes';
import { disputeActions } from './dispute-actions';
import { etag } from '../http/conditional';
import { HttpAnswer } from '../http/http-answer';

type Wire = Record<string, unknown>;

export const disputeBody = (dispute: Dispute): Wire => ({ ...dispute });

/** The dispute with all that the caller can do with it now. `base`: where the API is mounted. */
export function disputeDetail(
  { dispute, facts }: LoadedDispute,
  caller: Caller,
  now: Timestamp,
  base: string,
): Wire {
  const answers = allowedDisputeActions(dispute, { actor: caller.actor, now }, facts);
  return {
    ...disputeBody(dispute),
    allowedActions: allowedRoutes(answers, disputeActions, caller, `${base}/v1/disputes/${dispute.id}`),
  };
}

export const listedDisputeBody = (dispute: ListedDispute): Wire => ({ ...dispute });

export const disputeAnswer =
  (status: number) =>
  ({ state }: { state: Dispute }): HttpAnswer =>
    HttpAnswer.json(status, disputeBody(state), {
      etag: etag(state.version),
      ...(status === 201 && { location: `/v1/disputes/${state.id}` }),
    });
