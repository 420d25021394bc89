import { Body, Controller, Delete, Patch, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CommentDesk } from '@redress/domain';
import { commentRefusals } from '@redress/domain/actions';
import { Context, type RequestContext } from '../http/request-context';
import { CommentRequest } from './comment-requests';
import { EmptyRequest } from '../http/empty-request';
import { CommentResponse } from './comment-responses';
import { HttpAnswer } from '../http/http-answer';
import { commentAnswer } from './comment.presenter';
import { ApiCommentId, ApiExceptionId, CommentId, ExceptionId } from '../http/route';
import { CommandRoute } from '../idempotency/command-route';

const theComment = {
  status: 200,
  type: CommentResponse,
  description: 'The comment as it is now.',
  etag: true,
};

@ApiTags('Comment')
@Controller('v1/exceptions/:exceptionId/comments')
export class CommentsController {
  constructor(private readonly desk: CommentDesk) {}

  @CommandRoute({
    id: 'addComment',
    summary: 'Comment on an exception',
    description: 'Possible in every status.',
    scope: 'comment:write',
    answers: [{ ...theComment, status: 201, description: 'The new comment.' }],
    refusals: ['not_found', ...commentRefusals.add_comment],
  })
  @ApiExceptionId()
  @Post()
  add(
    @ExceptionId() id: string,
    @Body() { content }: CommentRequest,
    @Context() context: RequestContext,
  ): Promise<HttpAnswer> {
    return this.desk.add(id, content, context.as(commentAnswer(201)));
  }

  @CommandRoute({
    id: 'editComment',
    summary: 'Edit a comment',
    description: 'Its author may.',
    scope: 'comment:write',
    answers: [theComment],
    refusals: ['not_found', ...commentRefusals.edit_comment],
  })
  @ApiExceptionId()
  @ApiCommentId()
  @Patch(':commentId')
  edit(
    @ExceptionId() id: string,
    @CommentId() commentId: string,
    @Body() { content }: CommentRequest,
    @Context() context: RequestContext,
  ): Promise<HttpAnswer> {
    const command = { type: 'edit_comment', content } as const;
    return this.desk.handle(id, commentId, command, context.as(commentAnswer(200)));
  }

  @CommandRoute({
    id: 'deleteComment',
    summary: 'Delete a comment',
    description: 'Its author may. The history of the exception keeps what it said.',
    scope: 'comment:write',
    answers: [{ status: 204, description: 'It is gone.' }],
    refusals: ['not_found', ...commentRefusals.delete_comment],
  })
  @ApiExceptionId()
  @ApiCommentId()
  @Delete(':commentId')
  remove(
    @ExceptionId() id: string,
    @CommentId() commentId: string,
    @Body() _body: EmptyRequest,
    @Context() context: RequestContext,
  ): Promise<HttpAnswer> {
    const gone = () => new HttpAnswer(204, {}, '');
    return this.desk.handle(id, commentId, { type: 'delete_comment' }, context.as(gone));
  }
}
