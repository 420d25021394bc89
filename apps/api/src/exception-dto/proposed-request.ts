import { ApiProperty } from '@nestjs/swagger';
import { always, count, user, when } from '../http/response-fields';
import { Approval } from './exception-responses';

/** What one person asked for, and takes effect once others have asked for the same. */
export class ProposedRequest {
  @ApiProperty({
    type: 'object',
    additionalProperties: {},
    description: 'What was asked for; of secrets the names alone.',
  })
  request!: Record<string, unknown>;
  @always(user) proposedBy!: string;
  @when() proposedAt!: string;
  @when() expiresAt!: string;
  @count(1, 'How many other people have to ask for the same.') approvalsNeeded!: number;
  @ApiProperty({ type: [Approval], description: 'Those who have, oldest first.' }) approvals!: Approval[];
}

/** The member of a response that has the request which awaits other people. */
export const proposedRequest = () =>
  ApiProperty({
    type: ProposedRequest,
    required: false,
    description: 'The request that takes effect once other people have made the same.',
  });
