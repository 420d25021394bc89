import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { addressees, dispatchKinds, dispatchStates, attemptOutcomes } from '@redress/domain';
import { proposedRequest, type ProposedRequest } from '../exception-dto/proposed-request';
import { Page } from '../http/response-fields';

const time = { type: 'string', format: 'date-time', example: '2026-01-02T03:04:05.678Z' } as const;
const uuid = { type: 'string', format: 'uuid', example: '019c96a0-10d2-7134-ba5f-664142ee7052' } as const;

export class DispatchAttemptResponse {
  @ApiProperty(time) at!: string;
  @ApiProperty({
    type: 'string',
    enum: ['send', 'find', 'sweep'],
    description: 'Sent, looked up, or looked up again later.',
  })
  kind!: string;
  @ApiProperty({
    type: 'string',
    enum: [...attemptOutcomes],
    description:
      'What came of it. Only `unknown` leaves open whether it arrived; `received` is success without a reference; ' +
      '`accepted` is answered by the ledger later.',
  })
  outcome!: string;
  @ApiPropertyOptional({ type: 'string' }) problem?: string;
  @ApiPropertyOptional({ type: 'string', example: 'OPS-4711' }) reference?: string;
}

export class DispatchStateResponse {
  @ApiProperty({ ...uuid, description: 'Travels along as correlation id.' }) id!: string;
  @ApiProperty({ type: 'integer', example: 2 }) version!: number;
  @ApiProperty(uuid) exceptionId!: string;
  @ApiProperty({ type: 'string', enum: [...addressees] }) target!: string;
  @ApiProperty({
    type: 'string',
    enum: [...dispatchKinds],
    description: 'A note tells of a later change, a posting is what the ledger is asked to book.',
  })
  kind!: string;
  @ApiPropertyOptional({ type: 'string' }) queue?: string;
  @ApiProperty({ type: 'string', enum: [...dispatchStates] }) state!: string;
  @ApiPropertyOptional({ type: 'string', description: 'What a note says.' }) note?: string;
  @ApiPropertyOptional({ ...uuid, description: 'The dispatch a note belongs to.' }) ticketId?: string;
  @ApiPropertyOptional({ type: 'string', example: 'OPS-4711' }) externalReference?: string;
  @ApiPropertyOptional({ type: 'string', format: 'uri' }) externalUrl?: string;
  @ApiPropertyOptional({
    type: 'array',
    items: { type: 'string' },
    description: 'Others found under the same id.',
  })
  duplicates?: string[];
  @ApiProperty({ type: 'integer', description: 'How often it was sent.' }) sends!: number;
  @ApiProperty({
    type: 'integer',
    description:
      'Sends without a clear answer: none came, or a 5xx. After the second one it is not sent again, only looked up. ' +
      'Always 0 where the receiver de-duplicates by id (WEBHOOK, LEDGER).',
  })
  doubtfulSends!: number;
  @ApiPropertyOptional({
    ...time,
    description:
      'When the target answered with success but without a reference. It is not sent again, only looked up.',
  })
  receivedAt?: string;
  @ApiProperty({ type: 'integer', description: 'How far along the schedule it is.' }) attempts!: number;
  @ApiPropertyOptional(time) firstSentAt?: string;
  @ApiPropertyOptional(time) lastSentAt?: string;
  @ApiPropertyOptional({ type: 'string' }) lastError?: string;
  @ApiPropertyOptional({ ...time, description: 'When it is sent, or looked up, next.' })
  nextAttemptAt?: string;
  @proposedRequest() proposedAnswer?: ProposedRequest;
  @ApiProperty({ type: 'string' }) requestedBy!: string;
  @ApiProperty(time) requestedAt!: string;
  @ApiProperty(time) updatedAt!: string;
}

export class ListedDispatchResponse extends DispatchStateResponse {
  @ApiProperty({ type: [DispatchAttemptResponse], description: 'Every attempt, oldest first.' })
  history!: DispatchAttemptResponse[];
}

export class DispatchList {
  @ApiProperty({ type: [ListedDispatchResponse] }) items!: ListedDispatchResponse[];
}

export class DispatchPage extends Page {
  @ApiProperty({ type: [DispatchStateResponse] }) items!: DispatchStateResponse[];
}
