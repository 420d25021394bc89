import { Body, Controller, Delete, Patch, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Context, type RequestContext } from '../http/request-context';
import { endpointRefusals, WebhookEndpointDesk } from '@redress/domain/integrations';
import { CreateEndpoint, PatchEndpoint, ReplayRange } from './endpoint-requests';
import { DeliveryResponse, IssuedEndpointResponse, ReplayResponse } from './endpoint-responses';
import { EmptyRequest } from '../http/empty-request';
import { issuedAnswer, rangeAnswer, removedEndpoint, replayedAnswer } from './webhook-endpoint.presenter';
import { ApiEndpointId, ApiEventId, EndpointId, EventId } from './endpoint-route';
import type { HttpAnswer } from '../http/http-answer';
import { invalidRequest } from '../problems/problem';
import { CommandRoute } from '../idempotency/command-route';
import { withKeys } from '../connections/connections.module';

const theEndpoint = {
  status: 200,
  type: IssuedEndpointResponse,
  description: 'The endpoint as it is now.',
  etag: true,
};

@ApiTags('Webhook endpoint')
@Controller('v1/webhook-endpoints')
export class EndpointsController {
  constructor(private readonly desk: WebhookEndpointDesk) {}

  @CommandRoute({
    id: 'createWebhookEndpoint',
    summary: 'Have one of your systems told of events',
    description:
      'From now on each change of an exception, and of its disputes, comments and dispatches, is posted there, signed ' +
      'as Standard Webhooks are, at least once and in the order of each exception. See docs/events.md.',
    scope: 'admin',
    answers: [{ ...theEndpoint, status: 201, description: 'The new endpoint, with its secret.' }],
    failures: ['secrets_key_missing'],
  })
  @Post()
  create(@Body() { ...endpoint }: CreateEndpoint, @Context() context: RequestContext): Promise<HttpAnswer> {
    return withKeys(this.desk.create(endpoint, context.as(issuedAnswer(201, context.meta.preview))));
  }

  @CommandRoute({
    id: 'changeWebhookEndpoint',
    summary: 'Change an endpoint',
    description: 'What is left out stays as it is. Switching it off ends what still waits for it.',
    scope: 'admin',
    answers: [theEndpoint],
    refusals: ['not_found'],
    failures: ['secrets_key_missing', 'secrets_unreadable'],
  })
  @ApiEndpointId()
  @Patch(':endpointId')
  change(
    @EndpointId() id: string,
    @Body() { ...patch }: PatchEndpoint,
    @Context() context: RequestContext,
  ): Promise<HttpAnswer> {
    if (Object.values<unknown>({ ...patch }).every((value) => value === undefined))
      throw invalidRequest({ body: 'must have at least one member, such as enabled' });
    return withKeys(this.desk.patch(id, patch, context.as(issuedAnswer(200, context.meta.preview))));
  }

  @CommandRoute({
    id: 'deleteWebhookEndpoint',
    summary: 'Delete an endpoint',
    description: 'With its secrets. Nothing is sent there any more.',
    scope: 'admin',
    answers: [{ status: 204, description: 'It is gone.' }],
    refusals: ['not_found'],
  })
  @ApiEndpointId()
  @Delete(':endpointId')
  remove(
    @EndpointId() id: string,
    @Body() _body: EmptyRequest,
    @Context() context: RequestContext,
  ): Promise<HttpAnswer> {
    return this.desk.remove(id, context.as(removedEndpoint));
  }

  @CommandRoute({
    id: 'replayDelivery',
    summary: 'Send an event again',
    description:
      'At once, and by the schedule from its start if that fails, whatever became of it before. One that is being ' +
      'sent at this moment stays as it is.',
    scope: 'admin',
    answers: [{ status: 200, type: DeliveryResponse, description: 'The delivery as it is now.' }],
    refusals: ['not_found', ...endpointRefusals.replay],
  })
  @ApiEndpointId()
  @ApiEventId()
  @Post(':endpointId/deliveries/:eventId/replay')
  replay(
    @EndpointId() id: string,
    @EventId() eventId: string,
    @Body() _body: EmptyRequest,
    @Context() context: RequestContext,
  ): Promise<HttpAnswer> {
    return this.desk.replay(id, eventId, context.as(replayedAnswer));
  }

  @CommandRoute({
    id: 'replayDeliveries',
    summary: 'Send all events of a time again',
    description:
      'Up to 1000, those included that the endpoint missed while it was switched off. For more, ask several times ' +
      'for a part of the time.',
    scope: 'admin',
    answers: [{ status: 200, type: ReplayResponse, description: 'How many are sent again.' }],
    refusals: ['not_found', ...endpointRefusals.replay],
  })
  @ApiEndpointId()
  @Post(':endpointId/replay')
  replayRange(
    @EndpointId() id: string,
    @Body() { from, to }: ReplayRange,
    @Context() context: RequestContext,
  ): Promise<HttpAnswer> {
    return this.desk.replayRange(id, { from, to }, context.as(rangeAnswer));
  }
}
