import type { Dispute, ListedDispute } from '@redress/domain';
import { etag } from '../http/conditional';
import { HttpAnswer } from '../http/http-answer';

type Wire = Record<string, unknown>;

export const disputeBody = (dispute: Dispute): Wire => ({ ...dispute });

export const listedDisputeBody = (dispute: ListedDispute): Wire => ({ ...dispute });

export const disputeAnswer =
  (status: number) =>
  ({ state }: { state: Dispute }): HttpAnswer =>
    HttpAnswer.json(status, disputeBody(state), {
      etag: etag(state.version),
      ...(status === 201 && { location: `/v1/disputes/${state.id}` }),
    });
