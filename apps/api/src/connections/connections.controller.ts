import { Body, Controller, Delete, Post, UseInterceptors } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Connectors, ConnectionResolver } from '@redress/connectors';
import { ConnectionDesk, type ConnectionTarget } from '@redress/domain/integrations';
import { Context, type RequestContext } from '../http/request-context';
import { putAnswer, removedAnswer } from './connection.presenter';
import { ApiTarget, connectionNotFound, Target } from './connection-route';
import type { PutConnection } from './connection-requests';
import { awaitsOthers, ConnectionTestResponse } from './connection-responses';
import { PutConnectionRoutes, settingsAndSecrets } from './put-connection.routes';
import { EmptyRequest } from '../http/empty-request';
import { HttpAnswer } from '../http/http-answer';
import { Route } from '../http/route';
import { CommandRoute } from '../idempotency/command-route';
import { IdempotencyInterceptor } from '../idempotency/idempotency.interceptor';
import { withKeys } from './with-keys';

/** As long as a person waits for an answer. */
const testTimeoutMs = 15_000;

@PutConnectionRoutes()
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
    failures: [
      'secrets_key_missing',
      'secrets_unreadable',
      'request_timeout',
      'payload_too_large',
      'unsupported_media_type',
    ],
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

  @CommandRoute({
    id: 'deleteConnection',
    summary: 'Delete a connection',
    description:
      'With its secrets; what was changed about it can still be read. One of the environment comes back into force.',
    scope: 'admin',
    answers: [{ status: 204, description: 'It is gone.' }, awaitsOthers],
    refusals: ['not_found', 'own_proposal', 'already_approved'],
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

  /** `PUT` of one target, whose route `PutConnectionRoutes` makes. */
  put(
    target: ConnectionTarget,
    { enabled = true, rotateInboundSecret = false, ...members }: PutConnection,
    context: RequestContext,
  ): Promise<HttpAnswer> {
    const { settings, secrets } = settingsAndSecrets(target, members);
    const command = { target, enabled, rotateInboundSecret, settings, secrets };
    return withKeys(this.desk.put(command, context.as(putAnswer(context.meta.preview))));
  }
}
