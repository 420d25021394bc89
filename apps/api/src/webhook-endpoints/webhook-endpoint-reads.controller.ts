import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Context, type RequestContext } from '../http/request-context';
import { type DeliveryState, deliveryStates, EndpointReads } from '@redress/domain/integrations';
import { AllDeliveriesPage, DeliveryPage, EndpointPage, EndpointResponse } from './endpoint-responses';
import {
  deliveryOfEndpointBody,
  endpointAnswer,
  endpointBody,
  listedDeliveryBody,
} from './webhook-endpoint.presenter';
import { ApiEndpointId, EndpointId, noEndpoint } from './endpoint-route';
import type { HttpAnswer } from '../http/http-answer';
import { PageResponder } from '../http/page-responder';
import { pagingFrom, pagingOf, pagingParameters, readPaging } from '../http/paging-query';
import { choices, uuids } from '../http/query-kinds';
import {
  QueryParameters,
  readQuery,
  whenSet,
  type Given,
  type ParameterTable,
  type Query as QueryString,
} from '../http/query-parameters';
import { Route } from '../http/route';

const deliveryFilters = {
  state: choices('State.', deliveryStates),
  exception_id: uuids('Exception that the event is about.'),
} as const;
const deliveryParameters = { ...deliveryFilters, ...pagingFrom('desc') } as const satisfies ParameterTable;
const allDeliveriesParameters = {
  ...deliveryFilters,
  endpoint_id: uuids('Endpoint that it is for.'),
  ...pagingFrom('desc'),
} as const satisfies ParameterTable;

const deliveryFilterOf = ({ all }: Given) => ({
  ...whenSet('state', all('state') as readonly DeliveryState[] | undefined),
  ...whenSet('exceptionId', all('exception_id')),
});

@ApiTags('Webhook endpoint')
@Controller('v1')
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
  @Get('webhook-endpoints')
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
  @Get('webhook-endpoints/:endpointId')
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
  @Get('webhook-endpoints/:endpointId/deliveries')
  async deliveries(
    @EndpointId() id: string,
    @Query() query: QueryString,
    @Context() context: RequestContext,
  ): Promise<HttpAnswer> {
    const { tenant } = context.caller;
    const given = readQuery(query, deliveryParameters);
    const filter = deliveryFilterOf(given);
    const turn = this.pages.turn(pagingOf(given, 'desc'), [tenant, 'deliveries', id, filter]);
    const page = await this.reads.deliveries(tenant, id, filter, turn.page);
    return page ? turn.answer(page, listedDeliveryBody) : context.refuse(noEndpoint(id));
  }

  @Route({
    id: 'listAllDeliveries',
    summary: 'List the deliveries to all endpoints',
    description:
      'Latest event first, each with every attempt and the next one; those to deleted endpoints are included. ' +
      '`state=DEAD` are those that were given up: replay them.',
    scope: 'admin',
    answers: [{ status: 200, type: AllDeliveriesPage, description: 'A page of deliveries.' }],
  })
  @QueryParameters(allDeliveriesParameters)
  @Get('webhook-deliveries')
  async allDeliveries(
    @Query() query: QueryString,
    @Context() { caller: { tenant } }: RequestContext,
  ): Promise<HttpAnswer> {
    const given = readQuery(query, allDeliveriesParameters);
    const filter = { ...deliveryFilterOf(given), ...whenSet('endpointId', given.all('endpoint_id')) };
    const turn = this.pages.turn(pagingOf(given, 'desc'), [tenant, 'all deliveries', filter]);
    return turn.answer(await this.reads.allDeliveries(tenant, filter, turn.page), deliveryOfEndpointBody);
  }
}
