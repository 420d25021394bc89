import { Body, Controller, Get, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApprovalPolicyReads, ApprovalPolicyDesk } from '@redress/domain/settings';
import { Context, type RequestContext } from '../http/request-context';
import { policyAnswer, policyBody, putPolicyAnswer } from './approval.presenter';
import { PutApprovalPolicy } from './approval-requests';
import { ApprovalPolicyPage, ApprovalPolicyResponse } from './approval-responses';
import type { HttpAnswer } from '../http/http-answer';
import { PageResponder } from '../http/page-responder';
import { pagingFrom, pagingOf } from '../http/paging-query';
import { QueryParameters, readQuery, type Query as QueryString } from '../http/query-parameters';
import { Route } from '../http/route';
import { CommandRoute } from '../idempotency/command-route';

const thePolicy = {
  status: 200,
  type: ApprovalPolicyResponse,
  description: 'The policy as it is now.',
  etag: true,
};
const versionParameters = pagingFrom('desc');

/** The approval policy: rules that say which resolutions need the approval of a second person. */
@ApiTags('Approval')
@Controller('v1/approval-policy')
export class ApprovalPolicyController {
  constructor(
    private readonly desk: ApprovalPolicyDesk,
    private readonly reads: ApprovalPolicyReads,
    private readonly pages: PageResponder,
  ) {}

  @Route({
    id: 'getApprovalPolicy',
    summary: 'Read what takes approval',
    description: 'Version 0, without rules, until one is put: nothing takes approval.',
    scope: 'admin',
    answers: [thePolicy],
  })
  @Get()
  async get(@Context() { caller }: RequestContext): Promise<HttpAnswer> {
    return policyAnswer(await this.reads.latest(caller.tenant));
  }

  @CommandRoute({
    id: 'putApprovalPolicy',
    summary: 'Say what takes approval',
    description:
      'For each amount at stake the first rule that fits decides how many have to approve it, and the strictest of those ' +
      'holds. Proposals already made keep the rule they were made under. Where the policy has `policyChanges`, a change that ' +
      'may weaken it takes effect once so many other people have put the same. See docs/approvals.md.',
    scope: 'admin',
    answers: [
      thePolicy,
      {
        ...thePolicy,
        status: 202,
        description: 'The policy as it still is, with the change that awaits others.',
      },
    ],
    refusals: ['own_proposal', 'already_approved'],
  })
  @Put()
  put(@Body() terms: PutApprovalPolicy, @Context() context: RequestContext): Promise<HttpAnswer> {
    return this.desk.put(terms, context.as(putPolicyAnswer));
  }

  @Route({
    id: 'listApprovalPolicyVersions',
    summary: 'List what took approval, and when',
    description: 'Latest first, with who said so.',
    scope: 'admin',
    answers: [{ status: 200, type: ApprovalPolicyPage, description: 'A page of versions.' }],
  })
  @QueryParameters(versionParameters)
  @Get('versions')
  async versions(@Query() query: QueryString, @Context() { caller }: RequestContext): Promise<HttpAnswer> {
    const paging = pagingOf(readQuery(query, versionParameters), 'desc');
    const turn = this.pages.turn(paging, [caller.tenant, 'approval policy']);
    return turn.answer(await this.reads.versions(caller.tenant, turn.page), policyBody);
  }
}
