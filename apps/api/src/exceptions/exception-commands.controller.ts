import { Body, Controller, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ExceptionDesk } from '@redress/domain';
import { exceptionRefusals } from '@redress/domain/actions';
import { Context, type RequestContext } from '../http/request-context';
import {
  AdjustEntryRequest,
  AssignRequest,
  ForceMatchRequest,
  ResolveRequest,
} from '../exception-dto/exception-requests';
import { BareCommandRoutes } from './bare-command.routes';
import type { BareCommand } from '../exception-dto/exception-commands';
import { ForceMatchResponse } from './forced-match-responses';
import { AdjustedResponse, ExceptionResponse } from '../exception-dto/exception-responses';
import type { HttpAnswer } from '../http/http-answer';
import { adjustedAnswer, exceptionAnswer, forceMatchAnswer } from '../exception-dto/exception.presenter';
import { ApiExceptionId, ExceptionId } from '../http/route';
import { CommandRoute } from '../idempotency/command-route';

const theException = {
  status: 200,
  type: ExceptionResponse,
  description: 'The exception as it is now.',
  etag: true,
};

/** What people do with one exception. */
@BareCommandRoutes()
@ApiTags('Exception')
@Controller('v1/exceptions/:exceptionId')
export class ExceptionCommandsController {
  constructor(private readonly desk: ExceptionDesk) {}

  @CommandRoute({
    id: 'assignException',
    summary: 'Assign an exception',
    scope: 'exception:assign',
    answers: [theException],
    refusals: ['not_found', ...exceptionRefusals.assign],
  })
  @ApiExceptionId()
  @Post('assign')
  assign(
    @ExceptionId() id: string,
    @Body() body: AssignRequest,
    @Context() context: RequestContext,
  ): Promise<HttpAnswer> {
    return this.desk.handle(id, { type: 'assign', ...body }, context.as(exceptionAnswer(200)));
  }

  @CommandRoute({
    id: 'forceMatchException',
    summary: 'Force match an exception',
    description:
      'Resolves it by declaring that the transaction matches although the rules say it does not. Where it says what it ' +
      'matches, what that leaves is worked out to the digit.',
    scope: 'exception:resolve',
    answers: [{ ...theException, type: ForceMatchResponse }],
    refusals: ['not_found', ...exceptionRefusals.force_match],
  })
  @ApiExceptionId()
  @Post('force-match')
  forceMatch(
    @ExceptionId() id: string,
    @Body() body: ForceMatchRequest,
    @Context() context: RequestContext,
  ): Promise<HttpAnswer> {
    return this.desk.handle(id, { type: 'force_match', ...body }, context.as(forceMatchAnswer));
  }

  @CommandRoute({
    id: 'adjustEntryException',
    summary: 'Adjust the entry of an exception',
    description:
      'Resolves it by posting the difference. The amount is exact to the digit. It has to fit the exception: the same ' +
      'currency, and not more than the largest amount that the exception names, unless configured otherwise.',
    scope: 'exception:resolve',
    answers: [{ ...theException, type: AdjustedResponse }],
    refusals: ['not_found', ...exceptionRefusals.adjust_entry],
  })
  @ApiExceptionId()
  @Post('adjust-entry')
  adjustEntry(
    @ExceptionId() id: string,
    @Body() body: AdjustEntryRequest,
    @Context() context: RequestContext,
  ): Promise<HttpAnswer> {
    return this.desk.handle(id, { type: 'adjust_entry', ...body }, context.as(adjustedAnswer));
  }

  @CommandRoute({
    id: 'resolveException',
    summary: 'Resolve an exception',
    description: 'Resolves it without touching the books.',
    scope: 'exception:resolve',
    answers: [theException],
    refusals: ['not_found', ...exceptionRefusals.resolve],
  })
  @ApiExceptionId()
  @Post('resolve')
  resolve(
    @ExceptionId() id: string,
    @Body() body: ResolveRequest,
    @Context() context: RequestContext,
  ): Promise<HttpAnswer> {
    return this.desk.handle(id, { type: 'resolve', ...body }, context.as(exceptionAnswer(200)));
  }

  /** A command without fields, whose route `BareCommandRoutes` makes. */
  handleBare(id: string, type: BareCommand, context: RequestContext): Promise<HttpAnswer> {
    return this.desk.handle(id, { type }, context.as(exceptionAnswer(200)));
  }
}
