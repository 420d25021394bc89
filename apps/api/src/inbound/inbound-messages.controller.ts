import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { InboundReads } from '@redress/domain/integrations';
import { Context, type RequestContext } from '../http/request-context';
import { InboundMessagePage, InboundMessageResponse } from './inbound-responses';
import { HttpAnswer } from '../http/http-answer';
import { inboundParameters, readInboundListing } from './inbound-query';
import { PageResponder } from '../http/page-responder';
import { QueryParameters, type Query as QueryString } from '../http/query-parameters';
import { Route, UuidPath } from '../http/route';

@ApiTags('Inbound')
@Controller('v1/inbound-messages')
export class InboundMessagesController {
  constructor(
    private readonly reads: InboundReads,
    private readonly pages: PageResponder,
  ) {}

  @Route({
    id: 'listInboundMessages',
    summary: 'List what external systems told',
    description:
      'Each message once, with what became of it. Those with `refused` or `unknown_status` are for somebody to see.',
    scope: 'exception:read',
    answers: [{ status: 200, type: InboundMessagePage, description: 'A page of messages.' }],
  })
  @QueryParameters(inboundParameters)
  @Get()
  async list(@Query() query: QueryString, @Context() { caller }: RequestContext): Promise<HttpAnswer> {
    const { filter, ...paging } = readInboundListing(query);
    const turn = this.pages.turn(paging, [caller.tenant, 'inbound messages', filter]);
    return turn.answer(await this.reads.messages(caller.tenant, filter, turn.page), (one) => one);
  }

  @Route({
    id: 'getInboundMessage',
    summary: 'Read what an external system told',
    description: 'With what was sent, which may say more about tickets and people than exceptions do.',
    scope: 'admin',
    answers: [{ status: 200, type: InboundMessageResponse, description: 'The message.' }],
    refusals: ['not_found'],
  })
  @ApiParam({ name: 'messageId', description: 'Message.', schema: { type: 'string', format: 'uuid' } })
  @Get(':messageId')
  async read(
    @Param('messageId', new UuidPath('messageId')) id: string,
    @Context() context: RequestContext,
  ): Promise<HttpAnswer> {
    const message = await this.reads.message(context.caller.tenant, id);
    return message
      ? HttpAnswer.json(200, message)
      : context.refuse({ code: 'not_found', what: 'message', id });
  }
}
