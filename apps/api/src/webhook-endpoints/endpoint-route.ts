import { Param } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import type { Refusal } from '@redress/domain';
import { UuidPath } from '../http/route';

const uuid = { type: 'string', format: 'uuid' } as const;

export const EndpointId = () => Param('endpointId', new UuidPath('endpointId'));
export const ApiEndpointId = () => ApiParam({ name: 'endpointId', description: 'Endpoint.', schema: uuid });

/** A delivery is known by the event it is of. */
export const EventId = () => Param('eventId', new UuidPath('eventId'));
export const ApiEventId = () => ApiParam({ name: 'eventId', description: 'Event.', schema: uuid });

export const noEndpoint = (id: string): Refusal => ({ code: 'not_found', what: 'webhook_endpoint', id });
