import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Context, type RequestContext } from '../http/request-context';
import { type DeliveryState, deliveryStates, EndpointReads } from '@redress/domain/integrations';
import { DeliveryPage, EndpointPage, EndpointResponse } from './endpoint-responses';
import { endpointAnswer, endpointBody, listedDeliveryBody } from './webhook-endpoint.presenter';
import { ApiEndpointId, EndpointId, noEndpoint } from './endpoint-route';
import type { HttpAnswer } from '../http/http-answer';
import { PageResponder } from '../http/page-responder';
import { pagingFrom, pagingOf, pagingParameters, readPaging } from '../http/paging-query';
import { choices, uuids } from '../http/query-kinds';
import {
  QueryParameters,
  readQuery,
  whenSet,
  type ParameterTable,
  type Query as QueryString,
} from '../http/query-parameters';
import { Route } from '../http/route';

const deliveryParameters = {
  state: choices('State.', deliveryStates),
  exception_id: uuids('Exception that the event is about.'),
  ...pagingFrom('desc'),
} as const satisfies ParameterTable;

@ApiTags('Webhook endpoint')
@Controller('v1/webhook-endpoints')
export class EndpointReadsController {
  constructor(
    private readonly reads: EndpointReads,
    private readonly pages: PageResponder,
  ) {}

  @Route({
    id: 'listWebhookEndpoints',
    summary: 'List the endpoints that hear of events',
    description: 'Oldest first, without their secrets, which nobody can read.',
    scope: 'admin',
    answers: [{ status: 200, type: EndpointPage, description: 'A page of endpoints.' }],
  })
  @QueryParameters(pagingParameters)
  @Get()
  async list(
    @Query() query: QueryString,
    @Context() { caller: { tenant } }: RequestContext,
  ): Promise<HttpAnswer> {
    const turn = this.pages.turn(readPaging(query), [tenant, 'webhook endpoints']);
    return turn.answer(await this.reads.endpoints(tenant, turn.page), endpointBody);
  }

  @Route({
    id: 'getWebhookEndpoint',
    summary: 'Read an endpoint',
    scope: 'admin',
    answers: [{ status: 200, type: EndpointResponse, description: 'The endpoint.', etag: true }],
    refusals: ['not_found'],
  })
  @ApiEndpointId()
  @Get(':endpointId')
  async read(@EndpointId() id: string, @Context() context: RequestContext): Promise<HttpAnswer> {
    const endpoint = await this.reads.endpoint(context.caller.tenant, id);
    return endpoint ? endpointAnswer(endpoint) : context.refuse(noEndpoint(id));
  }

  @Route({
    id: 'listDeliveries',
    summary: 'List what an endpoint was told',
    description:
      'Latest event first, each with every attempt and the next one. `SKIPPED` are those of a time in which the ' +
      'endpoint was switched off.',
    scope: 'admin',
    answers: [{ status: 200, type: DeliveryPage, description: 'A page of deliveries.' }],
    refusals: ['not_found'],
  })
  @ApiEndpointId()
  @QueryParameters(deliveryParameters)
  @Get(':endpointId/deliveries')
  async deliveries(
    @EndpointId() id: string,
    @Query() query: QueryString,
    @Context() context: RequestContext,
  ): Promise<HttpAnswer> {
    const { tenant } = context.caller;
    const given = readQuery(query, deliveryParameters);
    const filter = {
      ...whenSet('state', given.all('state') as readonly DeliveryState[] | undefined),
      ...whenSet('exceptionId', given.all('exception_id')),
    };
    const turn = this.pages.turn(pagingOf(given, 'desc'), [tenant, 'deliveries', id, filter]);
    const page = await this.reads.deliveries(tenant, id, filter, turn.page);
    return page ? turn.answer(page, listedDeliveryBody) : context.refuse(noEndpoint(id));
  }
}
