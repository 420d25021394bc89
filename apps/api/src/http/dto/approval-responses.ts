import { ApiProperty } from '@nestjs/swagger';
import { approvableCommands, severities } from '@redress/domain';
import { choice, count, Page, text, when } from './responses';

export class ApprovalRuleResponse {
  @choice(approvableCommands, 'adjust_entry', true) command!: string;
  @text('EUR') currency?: string;
  @text('10000.00', { description: 'In units of the currency of the amount.' }) minimumAmount?: string;
  @choice(severities, 'CRITICAL') severity?: string;
  @count(2, 'How many have to approve it.') approvers!: number;
}

export class ApprovalPolicyResponse {
  @count(3, 'Grows with every change; also the ETag.') version!: number;
  @ApiProperty({ type: [ApprovalRuleResponse], description: 'The first that fits decides.' })
  rules!: ApprovalRuleResponse[];
  @when(false) createdAt?: string;
  @text('user@example.com') createdBy?: string;
}

export class ApprovalPolicyPage extends Page {
  @ApiProperty({ type: [ApprovalPolicyResponse] }) items!: ApprovalPolicyResponse[];
}
