import { ApiProperty } from '@nestjs/swagger';
import { always, count, id, Page, user, when } from '../http/response-fields';

export class CommentResponse {
  @always('019c96a0-10d2-7193-8841-0d7347efd0aa') id!: string;
  @always(id) exceptionId!: string;
  @count(1, 'Grows with every edit; also the ETag.') version!: number;
  @always(user) author!: string;
  @always('The bank confirmed the fee by phone.') content!: string;
  @when() createdAt!: string;
  @when() updatedAt!: string;
}

export class CommentPage extends Page {
  @ApiProperty({ type: [CommentResponse] }) items!: CommentResponse[];
}
