import { ApiProperty } from '@nestjs/swagger';
import { eventTypes, deliveryStates } from '@redress/domain/integrations';
import { always, choice, count, Page, text, when } from '../http/response-fields';

const id = '019c96a0-10d2-7134-ba5f-664142ee7052';

export class EndpointResponse {
  @always(id) id!: string;
  @count(1, 'Grows with every change; also the ETag.') version!: number;
  @always('https://hooks.acme.example/redress') url!: string;
  @ApiProperty({
    type: 'array',
    items: { type: 'string', enum: [...eventTypes] },
    required: false,
    example: ['exception.raised', 'exception.resolved'],
    description: 'The types of events it hears of; all of them where this is left out.',
  })
  events?: string[];
  @text('Ledger of the treasury') description?: string;
  @choice(['ENABLED', 'DISABLED'], 'ENABLED', true) state!: string;
  @text('It answered 410: it wants to hear no more.') disabledReason?: string;
  @when() createdAt!: string;
  @always('user@example.com') createdBy!: string;
  @when() updatedAt!: string;
  @always('user@example.com') updatedBy!: string;
}

export class IssuedEndpointResponse extends EndpointResponse {
  @text('whsec_ZXhhbXBsZSBvZiBhIHNlY3JldCwgbm90IGZvciB1c2U=', {
    description:
      'What events are signed with from now on. Shown only in the answer to the request that made it.',
  })
  secret?: string;
}

export class EndpointPage extends Page {
  @ApiProperty({ type: [EndpointResponse] }) items!: EndpointResponse[];
}

export class DeliveryResponse {
  @always(id, { description: 'The event, and the delivery of it; `webhook-id` of each attempt.' })
  eventId!: string;
  @always(id) exceptionId!: string;
  @count(3, 'Of the event, in the history of the exception.') seq!: number;
  @choice(eventTypes, 'exception.raised', true) type!: string;
  @choice(deliveryStates, 'DELIVERED', true) state!: string;
  @count(1, 'How often it was sent.') attempts!: number;
  @when(false) nextAttemptAt?: string;
  @when(false) deliveredAt?: string;
  @ApiProperty({ type: 'integer', required: false, example: 503, description: 'Of the last answer.' })
  lastStatus?: number;
  @text('It answered 503.') lastProblem?: string;
  @when() createdAt!: string;
}

export class DeliveryAttemptResponse {
  @count(1, 'Which attempt it was.') attempt!: number;
  @when() at!: string;
  @count(120, 'How long it took, in milliseconds.') ms!: number;
  @ApiProperty({ type: 'integer', required: false, example: 503 }) status?: number;
  @text('It answered 503.') problem?: string;
}

export class ListedDeliveryResponse extends DeliveryResponse {
  @ApiProperty({ type: [DeliveryAttemptResponse], description: 'Every attempt, oldest first.' })
  history!: DeliveryAttemptResponse[];
}

export class DeliveryPage extends Page {
  @ApiProperty({ type: [ListedDeliveryResponse] }) items!: ListedDeliveryResponse[];
}

export class DeliveryOfEndpointResponse extends ListedDeliveryResponse {
  @always(id) endpointId!: string;
}

export class AllDeliveriesPage extends Page {
  @ApiProperty({ type: [DeliveryOfEndpointResponse] }) items!: DeliveryOfEndpointResponse[];
}

export class ReplayResponse {
  @count(12, 'How many deliveries are made again.') replayed!: number;
}
