import { limits } from '@redress/domain';
import { Text, Time } from '../http/fields';

export class ReverseRequest {
  @Text(limits.notes, { example: 'Posted against the wrong account' })
  reason!: string;

  @Time({ optional: true, description: 'When the reversal takes effect; now, when absent.' })
  effectiveAt?: string;
}
