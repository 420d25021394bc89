import { ApiProperty } from '@nestjs/swagger';
import { count, time } from '../http/response-fields';
import { ApprovedProposal } from './exception-responses';

/** What one person asked for, and takes effect once others have asked for the same. */
export class ProposedRequestResponse extends ApprovedProposal {
  @ApiProperty({
    type: String,
    format: 'date-time',
    example: time,
    description: 'From then on it counts for nothing.',
  })
  expiresAt!: string;
  @count(1, 'How many other people have to ask for the same.') approvalsNeeded!: number;
}
