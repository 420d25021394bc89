import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { callbackStatuses } from '@redress/domain';

/* What others send by themselves, for OpenAPI alone: it is read with more patience than what clients send. */

const uuid = { type: 'string', format: 'uuid', example: '019c96a0-10d2-7134-ba5f-664142ee7052' } as const;

export class ServiceNowMessage {
  @ApiProperty({ type: 'string', maxLength: 255, description: 'The same whenever this is sent again.' })
  id!: string;
  @ApiProperty({ type: 'string', enum: ['incident.updated', 'incident.deleted'] }) type!: string;
  @ApiProperty({ type: 'string', example: 'INC0010002' }) number!: string;
  @ApiPropertyOptional({ ...uuid, description: 'As it was created: the id of the dispatch.' })
  correlation_id?: string;
  @ApiProperty({
    type: 'string',
    enum: ['1', '2', '3', '6', '7', '8'],
    example: '6',
    description:
      '6 and 7 resolve; 2 and 3 assign, where `assigned_to` is set; 8 gives it back; 1 does nothing.',
  })
  state!: string;
  @ApiPropertyOptional({ type: 'string', description: 'Who has it, by name.' }) assigned_to?: string;
  @ApiPropertyOptional({ type: 'string' }) close_notes?: string;
  @ApiProperty({ type: 'string', example: '2026-01-02 03:04:05', description: 'In UTC.' })
  sys_updated_on!: string;
}

class ReportedCallback {
  @ApiPropertyOptional({ ...uuid, description: 'One of these three has to be there.' })
  exceptionId?: string;
  @ApiPropertyOptional({ ...uuid, description: '`webhook-id` of what was handed over.' }) dispatchId?: string;
  @ApiPropertyOptional({ type: 'string', description: 'The reference that the hand-over was answered with.' })
  externalIssueId?: string;
  @ApiProperty({
    type: 'string',
    enum: [...callbackStatuses],
    description: 'OPEN gives a pending exception back.',
  })
  status!: string;
  @ApiPropertyOptional({ type: 'string', description: 'Needed for ASSIGNED.' }) assignee?: string;
  @ApiPropertyOptional({ type: 'string' }) resolutionNotes?: string;
  @ApiPropertyOptional({ type: 'string', format: 'date-time' }) dueAt?: string;
  @ApiPropertyOptional({ type: 'string', format: 'date-time', description: 'Default: `timestamp`.' })
  updatedAt?: string;
}

export class WebhookMessage {
  @ApiProperty({ type: 'string', enum: ['exception.callback'] }) type!: string;
  @ApiProperty({
    type: 'string',
    format: 'date-time',
    description: 'When it happened, the same for all attempts; by it messages are put in order.',
  })
  timestamp!: string;
  @ApiProperty({ type: ReportedCallback }) data!: ReportedCallback;
}

class LedgerAnswer {
  @ApiProperty({ ...uuid, description: '`webhook-id` of the posting, which is also its `data.id`.' })
  id!: string;
  @ApiPropertyOptional({ type: 'string', maxLength: 255, description: 'What the ledger calls the entry.' })
  reference?: string;
  @ApiPropertyOptional({ type: 'string', description: 'Why it was refused: people here will read it.' })
  reason?: string;
}

export class LedgerMessage {
  @ApiProperty({ type: 'string', enum: ['ledger.posted', 'ledger.refused'] }) type!: string;
  @ApiPropertyOptional({ type: 'string', format: 'date-time', description: 'When it was decided.' })
  timestamp?: string;
  @ApiProperty({ type: LedgerAnswer }) data!: LedgerAnswer;
}
