import { applyDecorators, Controller, Param, Post, Req } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { InboundDesk, type ConnectionTarget } from '@redress/domain/integrations';
import { SecretsKeyMissing } from '@redress/connectors';
import { httpDelivery } from './http-delivery';
import { wrongType } from '../http/body.pipe';
import { LedgerMessage, ServiceNowMessage, WebhookMessage } from './inbound-requests';
import { InboundAnswer } from './inbound-responses';
import { HttpAnswer } from '../http/http-answer';
import { Problem } from '../problems/problem';
import { Route } from '../http/route';

const InboundRoute = (id: string, system: string, how: string): MethodDecorator =>
  Route({
    id,
    summary: `Take what ${system} tells`,
    description:
      `${how} The secret of the connection is what proves who calls; its id is in the address. Every authentic ` +
      'message is kept and answered 200, whatever became of it; one that comes again has no effect.',
    scope: 'public',
    answers: [{ status: 200, type: InboundAnswer, description: 'It was received.' }],
    failures: ['payload_too_large', 'unsupported_media_type'],
  });

const ApiConnection = () =>
  ApiParam({ name: 'connection', description: 'Connection.', schema: { type: 'string', format: 'uuid' } });

const header = (name: string, description: string, required = true) =>
  ApiHeader({ name, description, required, schema: { type: 'string' } });

const StandardWebhookHeaders = () =>
  applyDecorators(
    header('webhook-id', 'The same whenever this is sent again.'),
    header('webhook-timestamp', 'Seconds since 1970, at most five minutes from now.'),
    header('webhook-signature', '`v1,` and the HMAC of id, time and body, joined by dots, in base64.'),
  );

/** What external systems tell by themselves. They have no token; what they send is signed. */
@ApiTags('Inbound')
@Controller('v1/inbound')
export class InboundController {
  constructor(private readonly desk: InboundDesk) {}

  @InboundRoute(
    'receiveFromJira',
    'Jira',
    'The webhook that an administrator of Jira sets up, as Jira sends it.',
  )
  @ApiConnection()
  @header('X-Hub-Signature', '`sha256=` and the HMAC of the body, in hexadecimal.')
  @header('X-Atlassian-Webhook-Identifier', 'The same whenever this is sent again.', false)
  @ApiBody({ schema: { type: 'object', additionalProperties: true }, description: 'An event of Jira.' })
  @Post('jira/:connection')
  jira(@Param('connection') connection: string, @Req() request: FastifyRequest): Promise<HttpAnswer> {
    return this.receive('JIRA', connection, request);
  }

  @InboundRoute(
    'receiveFromServiceNow',
    'ServiceNow',
    'Sent by a script of yours, for there are no webhooks there.',
  )
  @ApiConnection()
  @header('X-Redress-Timestamp', 'Seconds since 1970, at most five minutes from now.')
  @header('X-Redress-Signature', '`sha256=` and the HMAC of time, dot and body, in hexadecimal or base64.')
  @ApiBody({ type: ServiceNowMessage })
  @Post('servicenow/:connection')
  serviceNow(@Param('connection') connection: string, @Req() request: FastifyRequest): Promise<HttpAnswer> {
    return this.receive('SERVICENOW', connection, request);
  }

  @InboundRoute('receiveFromWebhook', 'a system of your own', 'Signed as Standard Webhooks are.')
  @ApiConnection()
  @StandardWebhookHeaders()
  @ApiBody({ type: WebhookMessage })
  @Post('webhook/:connection')
  webhook(@Param('connection') connection: string, @Req() request: FastifyRequest): Promise<HttpAnswer> {
    return this.receive('WEBHOOK', connection, request);
  }

  @InboundRoute(
    'receiveFromLedger',
    'a ledger',
    'What became of a posting that it did not answer at once. Signed as Standard Webhooks are.',
  )
  @ApiConnection()
  @StandardWebhookHeaders()
  @ApiBody({ type: LedgerMessage })
  @Post('ledger/:connection')
  ledger(@Param('connection') connection: string, @Req() request: FastifyRequest): Promise<HttpAnswer> {
    return this.receive('LEDGER', connection, request);
  }

  private async receive(
    target: ConnectionTarget,
    connection: string,
    { headers, body = Buffer.alloc(0) }: FastifyRequest,
  ): Promise<HttpAnswer> {
    if (!Buffer.isBuffer(body)) throw wrongType(['application/json']);
    const status = await this.desk
      .receive(target, connection.toLowerCase(), httpDelivery(headers, body))
      .catch(laterWithKeys);
    if (status === undefined) throw new Problem('unauthorized', notAuthentic);
    return HttpAnswer.json(200, { status });
  }
}

/** One message for every failed check, so that a sender cannot find out which checks passed. */
const notAuthentic = 'There is no such connection, or this is not signed with its secret, or not in time.';

/** The operator has to bring the key back; until then senders come again by themselves. */
const laterWithKeys = (error: unknown): never => {
  throw error instanceof SecretsKeyMissing
    ? new Problem('service_unavailable', 'The secrets of this connection cannot be opened now.')
    : error;
};
