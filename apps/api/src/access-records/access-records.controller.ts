import { Controller, Get, Query } from '@nestjs/common';
import { ApiProperty, ApiTags } from '@nestjs/swagger';
import { maxActorLength } from '@redress/domain/actions';
import { accessKinds, AccessTrail, type AccessFilter, type AccessKind } from '@redress/typeorm';
import { HttpAnswer } from '../http/http-answer';
import { PageResponder } from '../http/page-responder';
import { pagingFrom, pagingOf } from '../http/paging-query';
import { choices, endOf, startOf, texts, time } from '../http/query-kinds';
import {
  QueryParameters,
  readQuery,
  whenSet,
  type ParameterTable,
  type Query as QueryString,
} from '../http/query-parameters';
import { Context, type RequestContext } from '../http/request-context';
import { always, choice, count, id, Page, user, when } from '../http/response-fields';
import { Route } from '../http/route';
import { AccessRecorder } from './access-recorder';

export class AccessRecordResponse {
  @always(id) id!: string;
  @when() at!: string;
  @always(user) actor!: string;
  @choice(accessKinds, 'export', true) kind!: string;
  @always('GET') method!: string;
  @always('/v1/exceptions/export', { description: 'The route as it is documented.' }) route!: string;
  @always('status=OPEN', { description: 'The query as it was sent, without its cursor.' }) query!: string;
  @count(200, 'Status of the answer.') status!: number;
  @always(id, { description: 'Names the request in the logs.' }) requestId!: string;
}

export class AccessRecordPage extends Page {
  @ApiProperty({ type: [AccessRecordResponse] }) items!: AccessRecordResponse[];
}

const parameters = {
  actor: texts('Who asked.', maxActorLength),
  kind: choices('Kind of request.', accessKinds),
  date_from: time('Asked then or later.'),
  date_to: time('Asked then or earlier.'),
  ...pagingFrom('desc'),
} as const satisfies ParameterTable;

@ApiTags('Audit')
@Controller('v1/access-records')
export class AccessRecordsController {
  constructor(
    private readonly trail: AccessTrail,
    private readonly recorder: AccessRecorder,
    private readonly pages: PageResponder,
  ) {}

  @Route({
    id: 'listAccessRecords',
    summary: 'List the access trail',
    description:
      'Requests that an auditor asks about, newest first: `export`s; `list`s of a hundred rows or more; `bulk` commands and ' +
      'imports; changes of `settings`, connections and webhook endpoints; and what was `refused` with 403. What changes an ' +
      'exception is in its history.',
    scope: 'audit:read',
    answers: [{ status: 200, type: AccessRecordPage, description: 'A page of records.' }],
  })
  @QueryParameters(parameters)
  @Get()
  async list(@Query() query: QueryString, @Context() { caller }: RequestContext): Promise<HttpAnswer> {
    const given = readQuery(query, parameters);
    const filter: AccessFilter = {
      ...whenSet('actor', given.all('actor')),
      // What is no kind was refused.
      ...whenSet('kind', given.all('kind') as readonly AccessKind[] | undefined),
      ...whenSet('from', startOf(given.one('date_from'))),
      ...whenSet('before', endOf(given.one('date_to'))),
    };
    const turn = this.pages.turn(pagingOf(given, 'desc'), [caller.tenant, 'access records', filter]);
    await this.recorder.flush();
    return turn.answer(await this.trail.list(caller.tenant, filter, turn.page), (record) => ({ ...record }));
  }
}
