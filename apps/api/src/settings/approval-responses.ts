import { ApiProperty } from '@nestjs/swagger';
import { severities } from '@redress/domain';
import { approvableCommands, barredFromApproval } from '@redress/domain/settings';
import { ApprovedProposal } from '../exception-dto/exception-responses';
import { proposedRequest, type ProposedRequest } from '../exception-dto/proposed-request';
import { choice, count, Page, text, when } from '../http/response-fields';

export class ApprovalRuleResponse {
  @choice(approvableCommands, 'adjust_entry', true) command!: string;
  @text('EUR') currency?: string;
  @text('10000.00', { description: 'In units of the currency of the amount.' }) minimumAmount?: string;
  @choice(severities, 'CRITICAL') severity?: string;
  @ApiProperty({
    type: 'array',
    items: { type: 'string', enum: [...barredFromApproval] },
    required: false,
    example: ['assigner'],
    description: 'Who may not approve, beside the proposer.',
  })
  mayNotApprove?: string[];
  @count(2, 'How many have to approve it.') approvers!: number;
}

export class DualControl {
  @count(1, 'How many other people have to make the same request.') approvers!: number;
}

const control = (description: string) => ApiProperty({ type: DualControl, required: false, description });

export class ApprovalPolicyResponse {
  @text('019c96a0-10d2-7134-ba5f-664142ee7052', { description: 'Of this version.' }) id?: string;
  @count(3, 'Grows with every change; also the ETag.') version!: number;
  @ApiProperty({
    type: [ApprovalRuleResponse],
    description: 'For each amount at stake the first that fits decides, and of those the strictest.',
  })
  rules!: ApprovalRuleResponse[];
  @control('Of changes that may weaken this policy.') policyChanges?: DualControl;
  @control('Of changes of the connection to the ledger.') ledgerChanges?: DualControl;
  @control('Of answers for dispatches that were given up.') answers?: DualControl;
  @proposedRequest() proposed?: ProposedRequest;
  @ApiProperty({
    type: ApprovedProposal,
    required: false,
    description: 'Of a change that took other people.',
  })
  approval?: ApprovedProposal;
  @when(false) createdAt?: string;
  @text('user@example.com') createdBy?: string;
}

export class ApprovalPolicyPage extends Page {
  @ApiProperty({ type: [ApprovalPolicyResponse] }) items!: ApprovalPolicyResponse[];
}
