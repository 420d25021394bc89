import { Controller } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { InboundDesk, type ConnectionTarget } from '@redress/domain/integrations';
import { SecretsKeyMissing } from '@redress/connectors';
import { httpDelivery } from './http-delivery';
import { wrongType } from '../http/body.pipe';
import { PendingBody } from '../http/body-reader';
import { InboundRoutes } from './inbound.routes';
import { HttpAnswer } from '../http/http-answer';
import { Metrics } from '../observability/metrics';
import { Problem } from '../problems/problem';

/** What external systems tell by themselves. They have no token; what they send is signed. */
@InboundRoutes()
@ApiTags('Inbound')
@Controller('v1/inbound')
export class InboundController {
  constructor(
    private readonly desk: InboundDesk,
    private readonly metrics: Metrics,
  ) {}

  /** A message to one connection, whose route `InboundRoutes` makes. */
  async receive(
    target: ConnectionTarget,
    connection: string,
    { headers, body = new PendingBody(() => Promise.resolve(Buffer.alloc(0))) }: FastifyRequest,
  ): Promise<HttpAnswer> {
    if (!(body instanceof PendingBody)) throw wrongType(['application/json']);
    const deliver = async () => httpDelivery(headers, await body.read());
    const status = await this.desk.receive(target, connection.toLowerCase(), deliver).catch(laterWithKeys);
    this.metrics.work.received(target, status);
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
