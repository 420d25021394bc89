import { ApiProperty } from '@nestjs/swagger';
import type { ReasonCodes } from '@redress/domain';
import { reasonCodesExample, reasonCodesSchema } from './reason-requests';
import { count, Page, text, when } from '../http/response-fields';

export class ReasonCodesResponse {
  @text('019c96a0-10d2-7134-ba5f-664142ee7052', { description: 'Of this version.' }) id?: string;
  @count(3, 'Grows with every change; also the ETag.') version!: number;
  @ApiProperty({
    ...reasonCodesSchema,
    selfRequired: true,
    example: reasonCodesExample,
    description: 'For each command `free_text`, or the codes that are taken.',
  })
  commands!: ReasonCodes;
  @when(false) createdAt?: string;
  @text('user@example.com') createdBy?: string;
}

export class ReasonCodesPage extends Page {
  @ApiProperty({ type: [ReasonCodesResponse] }) items!: ReasonCodesResponse[];
}
