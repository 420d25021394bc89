import { applyDecorators, Param, Post, Req } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiParam, ApiProperty } from '@nestjs/swagger';
import { connectorDefinitions, type MessageSchema } from '@redress/connectors';
import { connectionTargets, type ConnectionTarget } from '@redress/domain/integrations';
import type { FastifyRequest } from 'fastify';
import { addRoute } from '../http/add-route';
import type { HttpAnswer } from '../http/http-answer';
import { namedClass } from '../http/named-class';
import { Route } from '../http/route';
import { InboundAnswer } from './inbound-responses';

type Receiving = Readonly<{
  receive(target: ConnectionTarget, connection: string, request: FastifyRequest): Promise<HttpAnswer>;
}>;

/** Class decorator: gives a controller the route that takes the messages of every connector in the registry. */
export const InboundRoutes = () => (controller: new (...args: never[]) => Receiving) => {
  for (const target of connectionTargets) {
    const { name, system, inbound } = connectorDefinitions[target].api;
    const { sender = system, how, headers, message } = inbound;
    addRoute(controller, `receiveFrom${name}`, {
      handler(this: Receiving, connection: string, request: FastifyRequest) {
        return this.receive(target, connection, request);
      },
      parameters: [
        { decorator: Param('connection'), type: String },
        { decorator: Req(), type: Object },
      ],
      decorators: [
        Post(`${target.toLowerCase()}/:connection`),
        Route({
          id: `receiveFrom${name}`,
          summary: `Take what ${sender} tells`,
          description:
            `${how} The secret of the connection is what proves who calls; its id is in the address. Every authentic ` +
            'message is kept and answered 200, whatever became of it; one that comes again has no effect.',
          scope: 'public',
          answers: [{ status: 200, type: InboundAnswer, description: 'It was received.' }],
          failures: ['request_timeout', 'payload_too_large', 'unsupported_media_type'],
        }),
        ApiParam({
          name: 'connection',
          description: 'Connection.',
          schema: { type: 'string', format: 'uuid' },
        }),
        applyDecorators(...headers.map((header) => ApiHeader({ ...header, schema: { type: 'string' } }))),
        'members' in message
          ? ApiBody({ type: schemaClass(message) })
          : ApiBody({ ...message, schema: { type: 'object', additionalProperties: true } }),
      ],
    });
  }
};

/** A message for OpenAPI alone: it is read with more patience than what clients send. */
function schemaClass({ name, members }: MessageSchema): new () => object {
  const shape = namedClass(name, class {});
  for (const [member, { optional = false, of, schema }] of Object.entries(members))
    ApiProperty({ ...schema, ...(of && { type: schemaClass(of) }), required: !optional })(
      shape.prototype,
      member,
    );
  return shape;
}
