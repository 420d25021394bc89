import { Body, Controller, Get, Inject, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ConnectionResolver } from '@redress/connectors';
import { ExceptionDesk, timestamp, Reads, type DeskStore } from '@redress/domain';
import { exceptionRefusals } from '@redress/domain/actions';
import { ApiAddress } from '../http/api-address';
import { Context, type RequestContext } from '../http/request-context';
import { etag } from '../http/conditional';
import { RaiseRequest } from '../exception-dto/exception-requests';
import {
  ExceptionDetail,
  ExceptionPage,
  ExceptionResponse,
  HistoryPage,
} from '../exception-dto/exception-responses';
import { exceptionParameters, readExceptionListing } from './exception-query';
import { pagingParameters, readPaging } from '../http/paging-query';
import type { Query as QueryString } from '../http/query-parameters';
import { HttpAnswer } from '../http/http-answer';
import { PageResponder } from '../http/page-responder';
import {
  exceptionBody,
  exceptionDetail,
  historyBody,
  raisedAnswer,
} from '../exception-dto/exception.presenter';
import { ApiExceptionId, ExceptionId, Route } from '../http/route';
import { CommandRoute } from '../idempotency/command-route';
import { STORE } from '../storage/storage.module';
import { QueryParameters } from '../http/query-parameters';

const theException = {
  status: 200,
  type: ExceptionResponse,
  description: 'The exception as it is now.',
  etag: true,
};

@ApiTags('Exception')
@Controller('v1/exceptions')
export class ExceptionsController {
  constructor(
    private readonly desk: ExceptionDesk,
    private readonly reads: Reads,
    private readonly pages: PageResponder,
    @Inject(STORE) private readonly store: DeskStore,
    private readonly connections: ConnectionResolver,
    private readonly address: ApiAddress,
  ) {}

  @CommandRoute({
    id: 'raiseException',
    summary: 'Raise an exception',
    description:
      'While an unresolved exception has the same transaction and reason, that one counts as seen again; its severity may rise, never fall.',
    scope: 'exception:raise',
    answers: [
      { ...theException, status: 201, description: 'The new exception.' },
      { ...theException, description: 'The exception that was there already.' },
    ],
    refusals: exceptionRefusals.raise,
    unconditional: true,
  })
  @Post()
  raise(@Body() body: RaiseRequest, @Context() context: RequestContext): Promise<HttpAnswer> {
    return this.desk.raise({ ...body }, context.as(raisedAnswer));
  }

  @Route({
    id: 'listExceptions',
    summary: 'List exceptions',
    scope: 'exception:read',
    answers: [{ status: 200, type: ExceptionPage, description: 'A page of exceptions.' }],
  })
  @QueryParameters(exceptionParameters)
  @Get()
  async list(@Query() query: QueryString, @Context() { caller }: RequestContext): Promise<HttpAnswer> {
    const { filter, sort, ...paging } = readExceptionListing(query);
    const turn = this.pages.turn(paging, [caller.tenant, 'exceptions', filter, sort]);
    return turn.answer(await this.reads.exceptions(caller.tenant, filter, sort, turn.page), exceptionBody);
  }

  @Route({
    id: 'getException',
    summary: 'Get an exception',
    scope: 'exception:read',
    answers: [
      {
        status: 200,
        type: ExceptionDetail,
        description: 'The exception, and what can be done with it.',
        etag: true,
      },
    ],
    refusals: ['not_found'],
  })
  @ApiExceptionId()
  @Get(':exceptionId')
  async get(@ExceptionId() id: string, @Context() context: RequestContext): Promise<HttpAnswer> {
    const { caller } = context;
    const found = await this.desk.find(caller.tenant, id);
    if (!found.ok) return context.refuse(found.refusal);
    const { exception } = found.value;
    const mayDispatch = exception.status !== 'RESOLVED' && caller.scopes.has('exception:dispatch');
    const connectors = mayDispatch ? await this.connections.targets(caller.tenant) : [];
    const detail = exceptionDetail(
      found.value,
      caller,
      timestamp(this.store.clock()),
      { ...this.desk.policy, connectors },
      this.address.prefix,
    );
    return HttpAnswer.json(200, detail, { etag: etag(exception.version) });
  }

  @Route({
    id: 'getExceptionHistory',
    summary: 'Read the history of an exception',
    description:
      'Every change, those of its disputes included, oldest first. Each line holds the hash of the one before; `head` is ' +
      'how many there are and the last hash, as the exception itself keeps it.',
    scope: 'exception:read',
    answers: [{ status: 200, type: HistoryPage, description: 'A page of the history.' }],
    refusals: ['not_found'],
  })
  @ApiExceptionId()
  @QueryParameters(pagingParameters)
  @Get(':exceptionId/history')
  async history(
    @ExceptionId() id: string,
    @Query() query: QueryString,
    @Context() context: RequestContext,
  ): Promise<HttpAnswer> {
    const { tenant } = context.caller;
    const turn = this.pages.turn(readPaging(query), [tenant, 'history', id]);
    const page = await this.reads.history(tenant, id, turn.page);
    return page ? turn.answer(page, historyBody, { head: page.head }) : context.refuse(noException(id));
  }
}

const noException = (id: string) => ({ code: 'not_found', what: 'exception', id }) as const;
