import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type ConnectionTarget, ConnectionChanges } from '@redress/domain/integrations';
import { AesVault, ConnectionResolver } from '@redress/connectors';
import { Context, type RequestContext } from '../http/request-context';
import { ApiTarget, connectionNotFound, Target } from './connection-route';
import { changeBody, connectionAnswer, connectionBody } from './connection.presenter';
import { ConnectionChangePage, ConnectionList, ConnectionResponse } from './connection-responses';
import { HttpAnswer } from '../http/http-answer';
import { PageResponder } from '../http/page-responder';
import { pagingParameters, readPaging } from '../http/paging-query';
import { QueryParameters, type Query as QueryString } from '../http/query-parameters';
import { Route } from '../http/route';

@ApiTags('Connection')
@Controller('v1/connections')
export class ConnectionReadsController {
  constructor(
    private readonly resolver: ConnectionResolver,
    private readonly log: ConnectionChanges,
    private readonly vault: AesVault,
    private readonly pages: PageResponder,
  ) {}

  @Route({
    id: 'listConnections',
    summary: 'List the connections to external systems',
    description: 'At most one for each target; also what the environment of the service defines.',
    scope: 'admin',
    answers: [{ status: 200, type: ConnectionList, description: 'All of them.' }],
  })
  @Get()
  async list(@Context() context: RequestContext): Promise<HttpAnswer> {
    const connections = await this.resolver.list(context.caller.tenant);
    return HttpAnswer.json(200, { items: connections.map((one) => connectionBody(one, this.vault)) });
  }

  @Route({
    id: 'getConnection',
    summary: 'Read a connection',
    description: 'Without its secrets, which nobody can read.',
    scope: 'admin',
    answers: [{ status: 200, type: ConnectionResponse, description: 'The connection.', etag: true }],
    refusals: ['not_found'],
  })
  @ApiTarget()
  @Get(':target')
  async read(@Target() target: ConnectionTarget, @Context() context: RequestContext): Promise<HttpAnswer> {
    const connections = await this.resolver.list(context.caller.tenant);
    const connection = connections.find((one) => one.target === target);
    return connection ? connectionAnswer(connection, this.vault) : context.refuse(connectionNotFound(target));
  }

  @Route({
    id: 'listConnectionChanges',
    summary: 'List who changed what about a connection',
    description:
      'Oldest first. Of secrets it tells that they are new, and no more; also after it was deleted.',
    scope: 'admin',
    answers: [{ status: 200, type: ConnectionChangePage, description: 'A page of changes.' }],
    refusals: ['not_found'],
  })
  @ApiTarget()
  @QueryParameters(pagingParameters)
  @Get(':target/changes')
  async changes(
    @Target() target: ConnectionTarget,
    @Query() query: QueryString,
    @Context() context: RequestContext,
  ): Promise<HttpAnswer> {
    const { tenant } = context.caller;
    const turn = this.pages.turn(readPaging(query), [tenant, 'connection changes', target]);
    const page = await this.log.changes(tenant, target, turn.page);
    return page ? turn.answer(page, changeBody) : context.refuse(connectionNotFound(target));
  }
}
