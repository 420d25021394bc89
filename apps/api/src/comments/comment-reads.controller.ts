import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Reads } from '@redress/domain';
import { Context, type RequestContext } from '../http/request-context';
import { CommentPage } from './comment-responses';
import type { HttpAnswer } from '../http/http-answer';
import { PageResponder } from '../http/page-responder';
import { pagingParameters, readPaging } from '../http/paging-query';
import { commentBody } from './comment.presenter';
import { QueryParameters, type Query as QueryString } from '../http/query-parameters';
import { ApiExceptionId, ExceptionId, Route } from '../http/route';

@ApiTags('Comment')
@Controller('v1/exceptions/:exceptionId/comments')
export class CommentReadsController {
  constructor(
    private readonly reads: Reads,
    private readonly pages: PageResponder,
  ) {}

  @Route({
    id: 'listComments',
    summary: 'List the comments on an exception',
    description: 'Oldest first; those that were deleted are only in the history.',
    scope: 'exception:read',
    answers: [{ status: 200, type: CommentPage, description: 'A page of comments.' }],
    refusals: ['not_found'],
  })
  @ApiExceptionId()
  @QueryParameters(pagingParameters)
  @Get()
  async list(
    @ExceptionId() id: string,
    @Query() query: QueryString,
    @Context() context: RequestContext,
  ): Promise<HttpAnswer> {
    const { tenant } = context.caller;
    const turn = this.pages.turn(readPaging(query), [tenant, 'comments', id]);
    const page = await this.reads.comments(tenant, id, turn.page);
    return page
      ? turn.answer(page, commentBody)
      : context.refuse({ code: 'not_found', what: 'exception', id });
  }
}
