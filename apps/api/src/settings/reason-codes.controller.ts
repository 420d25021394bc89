import { Body, Controller, Get, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ReasonCodesReads, ReasonCodesDesk } from '@redress/domain/settings';
import { Context, type RequestContext } from '../http/request-context';
import { PutReasonCodes } from './reason-requests';
import { ReasonCodesPage, ReasonCodesResponse } from './reason-responses';
import type { HttpAnswer } from '../http/http-answer';
import { PageResponder } from '../http/page-responder';
import { pagingFrom, pagingOf } from '../http/paging-query';
import { QueryParameters, readQuery, type Query as QueryString } from '../http/query-parameters';
import { reasonCodesAnswer, reasonCodesBody } from './setting.presenter';
import { Route } from '../http/route';
import { CommandRoute } from '../idempotency/command-route';

const theCodes = {
  status: 200,
  type: ReasonCodesResponse,
  description: 'The reason codes as they are now.',
  etag: true,
};
const versionParameters = pagingFrom('desc');

/** What may be given as the reason of a command. */
@ApiTags('Reason codes')
@Controller('v1/reason-codes')
export class ReasonCodesController {
  constructor(
    private readonly desk: ReasonCodesDesk,
    private readonly reads: ReasonCodesReads,
    private readonly pages: PageResponder,
  ) {}

  @Route({
    id: 'getReasonCodes',
    summary: 'Read which reasons are taken',
    description:
      'For whoever offers them to choose from. Version 0, free text throughout, until some are put.',
    scope: 'exception:read',
    answers: [theCodes],
  })
  @Get()
  async get(@Context() { caller }: RequestContext): Promise<HttpAnswer> {
    return reasonCodesAnswer(await this.reads.latest(caller.tenant));
  }

  @CommandRoute({
    id: 'putReasonCodes',
    summary: 'Say which reasons are taken',
    description:
      'For each command that gives a reason: any text, or one of a list of codes. Proposals already made are confirmed ' +
      'all the same. See docs/reason-codes.md.',
    scope: 'admin',
    answers: [theCodes],
  })
  @Put()
  put(@Body() { commands }: PutReasonCodes, @Context() context: RequestContext): Promise<HttpAnswer> {
    return this.desk.put(commands, context.as(reasonCodesAnswer));
  }

  @Route({
    id: 'listReasonCodesVersions',
    summary: 'List which reasons were taken, and when',
    description: 'Latest first, with who said so.',
    scope: 'admin',
    answers: [{ status: 200, type: ReasonCodesPage, description: 'A page of versions.' }],
  })
  @QueryParameters(versionParameters)
  @Get('versions')
  async versions(@Query() query: QueryString, @Context() { caller }: RequestContext): Promise<HttpAnswer> {
    const paging = pagingOf(readQuery(query, versionParameters), 'desc');
    const turn = this.pages.turn(paging, [caller.tenant, 'reason codes']);
    return turn.answer(await this.reads.versions(caller.tenant, turn.page), reasonCodesBody);
  }
}
