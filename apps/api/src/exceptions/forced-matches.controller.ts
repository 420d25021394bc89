import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Reads } from '@redress/domain';
import { Context, type RequestContext } from '../http/request-context';
import { ForcedMatchList } from './forced-match-responses';
import { HttpAnswer } from '../http/http-answer';
import { ApiExceptionId, ExceptionId, Route } from '../http/route';

/** What exceptions were declared to match. */
@ApiTags('Exception')
@Controller('v1/exceptions/:exceptionId')
export class ForcedMatchesController {
  constructor(private readonly reads: Reads) {}

  @Route({
    id: 'listForcedMatches',
    summary: 'Show what an exception was declared to match',
    description:
      'One at most: what is force matched without naming counterparts is told by its history alone.',
    scope: 'exception:read',
    answers: [{ status: 200, type: ForcedMatchList, description: 'What it matches, and what that left.' }],
    refusals: ['not_found'],
  })
  @ApiExceptionId()
  @Get('forced-matches')
  async ofException(@ExceptionId() id: string, @Context() context: RequestContext): Promise<HttpAnswer> {
    const items = await this.reads.forcedMatches(context.caller.tenant, id);
    return items
      ? HttpAnswer.json(200, { items })
      : context.refuse({ code: 'not_found', what: 'exception', id });
  }
}
