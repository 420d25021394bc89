import { Body, Controller, Delete, Post, Put, UseInterceptors } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Connectors, ConnectionResolver } from '@redress/connectors';
import { ConnectionDesk, type ConnectionTarget, type PutConnection } from '@redress/domain/integrations';
import { Context, type RequestContext } from '../http/request-context';
import { putAnswer, removedAnswer } from './connection.presenter';
import { ApiTarget, connectionNotFound, Target } from './connection-route';
import {
  PutJiraConnection,
  PutLedgerConnection,
  PutServiceNowConnection,
  PutWebhookConnection,
} from './connection-requests';
import { ConnectionTestResponse, PutConnectionResponse } from './connection-responses';
import { EmptyRequest } from '../http/empty-request';
import { HttpAnswer } from '../http/http-answer';
import { Route } from '../http/route';
import { CommandRoute } from '../idempotency/command-route';
import { IdempotencyInterceptor } from '../idempotency/idempotency.interceptor';
import { withKeys } from './with-keys';

/** As long as a person waits for an answer. */
const testTimeoutMs = 15_000;

const PutRoute = (id: string, system: string, more: string): MethodDecorator =>
  CommandRoute({
    id,
    summary: `Connect to ${system}, or change how`,
    description:
      `Replaces all settings; a secret that is left out stays as it is. ${more} ` +
      'An address to which nothing may be sent is refused. Only what is stored here can be changed here.',
    scope: 'admin',
    answers: [
      { status: 200, type: PutConnectionResponse, description: 'The connection as it is now.', etag: true },
      { status: 201, type: PutConnectionResponse, description: 'The new connection.', etag: true },
    ],
    failures: ['secrets_key_missing'],
  });

@ApiTags('Connection')
@Controller('v1/connections')
export class ConnectionsController {
  constructor(
    private readonly desk: ConnectionDesk,
    private readonly resolver: ConnectionResolver,
    private readonly connectors: Connectors,
  ) {}

  @Route({
    id: 'testConnection',
    summary: 'Try a connection',
    description:
      'Asks the external system who we are, and changes nothing. Works while it is switched off, too.',
    scope: 'admin',
    answers: [
      { status: 200, type: ConnectionTestResponse, description: 'Whether it would work, and if not, why.' },
    ],
    refusals: ['not_found'],
    failures: ['secrets_key_missing', 'payload_too_large', 'unsupported_media_type'],
    unconditional: true,
  })
  // Changes nothing here, so nothing is kept; equal requests under one key at the same time are one try.
  @UseInterceptors(IdempotencyInterceptor)
  @ApiTarget()
  @Post(':target/test')
  async test(
    @Target() target: ConnectionTarget,
    @Body() _body: EmptyRequest,
    @Context() context: RequestContext,
  ): Promise<HttpAnswer> {
    const connection = await withKeys(this.resolver.any(context.caller.tenant, target));
    if (!connection) return context.refuse(connectionNotFound(target));
    const { ok, detail } = await this.connectors.for(connection).test(AbortSignal.timeout(testTimeoutMs));
    return HttpAnswer.json(200, { ok, detail });
  }

  @PutRoute('putJiraConnection', 'Jira', 'An API token is asked for again when the site is another.')
  @Put('JIRA')
  putJira(
    @Body() { enabled, rotateInboundSecret, apiToken, ...settings }: PutJiraConnection,
    @Context() context: RequestContext,
  ): Promise<HttpAnswer> {
    return this.put(
      { target: 'JIRA', ...flags(enabled, rotateInboundSecret), settings, secrets: given({ apiToken }) },
      context,
    );
  }

  @PutRoute(
    'putServiceNowConnection',
    'ServiceNow',
    'Takes `username` and `password`, or a `token`, or an `apiKey`, asked for again when the instance is another.',
  )
  @Put('SERVICENOW')
  putServiceNow(
    @Body()
    { enabled, rotateInboundSecret, password, token, apiKey, ...settings }: PutServiceNowConnection,
    @Context() context: RequestContext,
  ): Promise<HttpAnswer> {
    const secrets = given({ password, token, apiKey });
    return this.put(
      { target: 'SERVICENOW', ...flags(enabled, rotateInboundSecret), settings, secrets },
      context,
    );
  }

  @PutRoute('putWebhookConnection', 'a webhook', 'Messages are signed as Standard Webhooks are.')
  @Put('WEBHOOK')
  putWebhook(
    @Body() { enabled, rotateInboundSecret, secrets, ...settings }: PutWebhookConnection,
    @Context() context: RequestContext,
  ): Promise<HttpAnswer> {
    return this.put(
      { target: 'WEBHOOK', ...flags(enabled, rotateInboundSecret), settings, secrets: given({ secrets }) },
      context,
    );
  }

  @PutRoute(
    'putLedgerConnection',
    'a ledger',
    'From then on force matches and adjustments wait for its answer. Requests are signed as Standard Webhooks are.',
  )
  @Put('LEDGER')
  putLedger(
    @Body() { enabled, rotateInboundSecret, secrets, ...settings }: PutLedgerConnection,
    @Context() context: RequestContext,
  ): Promise<HttpAnswer> {
    return this.put(
      { target: 'LEDGER', ...flags(enabled, rotateInboundSecret), settings, secrets: given({ secrets }) },
      context,
    );
  }

  @CommandRoute({
    id: 'deleteConnection',
    summary: 'Delete a connection',
    description:
      'With its secrets; what was changed about it can still be read. One of the environment comes back into force.',
    scope: 'admin',
    answers: [{ status: 204, description: 'It is gone.' }],
    refusals: ['not_found'],
  })
  @ApiTarget()
  @Delete(':target')
  remove(
    @Target() target: ConnectionTarget,
    @Body() _body: EmptyRequest,
    @Context() context: RequestContext,
  ): Promise<HttpAnswer> {
    return this.desk.remove(target, context.as(removedAnswer));
  }

  private put(command: PutConnection, context: RequestContext): Promise<HttpAnswer> {
    return withKeys(this.desk.put(command, context.as(putAnswer(context.meta.preview))));
  }
}

const flags = (enabled = true, rotateInboundSecret = false) => ({ enabled, rotateInboundSecret });

/** The members that are there. */
const given = <T extends object>(secrets: T): { [K in keyof T]?: NonNullable<T[K]> } =>
  Object.fromEntries(Object.entries(secrets).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };
