import { ApiProperty, ApiPropertyOptional, OmitType } from '@nestjs/swagger';
import { connectionTargets, inboundOutcomes } from '@redress/domain/integrations';
import { Page } from '../http/response-fields';

const time = { type: 'string', format: 'date-time', example: '2026-01-02T03:04:05.678Z' } as const;
const uuid = { type: 'string', format: 'uuid', example: '019c96a0-10d2-7134-ba5f-664142ee7052' } as const;

/** What each outcome means, where one is shown. */
export const outcomesExplained =
  '`applied`: it changed the exception. `stale`: older than what was known. `echo`: it tells of what was done from ' +
  'here. `unknown_status`: nobody has said what that status means. `no_such_exception`: it is about something that ' +
  'was not handed over from here. `refused`: it asks for what is not done, as to reopen an exception, and somebody ' +
  'should look. `recorded`: there is nothing to do about it.';

export class InboundAnswer {
  @ApiProperty({
    type: 'string',
    enum: [...inboundOutcomes, 'duplicate'],
    example: 'applied',
    description: `${outcomesExplained} \`duplicate\`: it was received before.`,
  })
  status!: string;
}

export class InboundMessageResponse {
  @ApiProperty(uuid) id!: string;
  @ApiProperty({ ...uuid, description: 'Connection it came by.' }) connectionId!: string;
  @ApiProperty({ type: 'string', enum: [...connectionTargets], example: 'JIRA' }) target!: string;
  @ApiProperty({ type: 'string', description: 'What tells it from others of its connection.' })
  messageId!: string;
  @ApiProperty({ type: 'string', example: 'jira:issue_updated', description: 'As it is called over there.' })
  kind!: string;
  @ApiPropertyOptional({ type: 'string', example: 'OPS-4711' }) externalReference?: string;
  @ApiPropertyOptional({ ...time, description: 'When it changed over there.' }) changedAt?: string;
  @ApiPropertyOptional({ ...uuid, description: 'Exception it is about.' }) exceptionId?: string;
  @ApiPropertyOptional({ ...uuid, description: 'Dispatch whose ticket it is about.' }) dispatchId?: string;
  @ApiProperty({ type: 'string', enum: [...inboundOutcomes], description: outcomesExplained })
  outcome!: string;
  @ApiPropertyOptional({ type: 'string', description: 'Why, for a person.' }) reason?: string;
  @ApiProperty(time) receivedAt!: string;
  @ApiProperty({ type: 'string', description: 'What was sent, as text; its end may be cut off.' })
  body!: string;
}

export class ListedInboundMessage extends OmitType(InboundMessageResponse, ['body'] as const) {}

export class InboundMessagePage extends Page {
  @ApiProperty({ type: [ListedInboundMessage] }) items!: ListedInboundMessage[];
}
