import type {
  Delivery,
  EndpointChange,
  WebhookEndpoint,
  IssuedEndpoint,
  ListedDelivery,
  Replayed,
} from '@redress/domain/integrations';
import { etag } from '../http/conditional';
import { HttpAnswer } from '../http/http-answer';

/* How endpoints and deliveries read on the wire: of secrets nothing, but the one that was just made. */

type Wire = Record<string, unknown>;

export const endpointBody = ({ secrets: _sealed, deletedAt: _gone, ...endpoint }: WebhookEndpoint): Wire =>
  endpoint;

export const endpointAnswer = (endpoint: WebhookEndpoint): HttpAnswer =>
  HttpAnswer.json(200, endpointBody(endpoint), { etag: etag(endpoint.version) });

/** A preview makes no secret, so it has none to show. */
export const issuedAnswer =
  (status: number, preview = false) =>
  ({ change: { state }, shown }: IssuedEndpoint): HttpAnswer =>
    HttpAnswer.json(
      status,
      { ...endpointBody(state), ...(shown !== undefined && !preview && { secret: shown }) },
      { etag: etag(state.version), ...(status === 201 && { location: `/v1/webhook-endpoints/${state.id}` }) },
    );

export const removedEndpoint = (_change: EndpointChange): HttpAnswer => new HttpAnswer(204, {}, '');

/** Whose turn it is, and until when, is the business of those who send. */
export const deliveryBody = ({
  endpointId: _endpoint,
  attemptsBefore: _before,
  leaseUntil: _lease,
  ...delivery
}: Delivery): Wire => delivery;

export const listedDeliveryBody = ({ history, ...delivery }: ListedDelivery): Wire => ({
  ...deliveryBody(delivery),
  history,
});

export const deliveryOfEndpointBody = (delivery: ListedDelivery): Wire => ({
  ...listedDeliveryBody(delivery),
  endpointId: delivery.endpointId,
});

export const replayedAnswer = ({ deliveries: [delivery] }: Replayed): HttpAnswer => {
  if (!delivery) throw new Error('the replay of one delivery always has one');
  return HttpAnswer.json(200, deliveryBody(delivery));
};

export const rangeAnswer = ({ deliveries }: Replayed): HttpAnswer =>
  HttpAnswer.json(200, { replayed: deliveries.length });
