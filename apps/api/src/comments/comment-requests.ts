import { limits } from '@redress/domain';
import { Text } from '../http/fields';

export class CommentRequest {
  @Text(limits.comment, { example: 'The bank confirmed the fee by phone.' })
  content!: string;
}
