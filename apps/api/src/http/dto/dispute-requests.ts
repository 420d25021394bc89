import { disputeCategories, limits, type DisputeCategory } from '@redress/domain';
import { Flag, OneOf, Text } from './fields';

export class OpenDisputeRequest {
  @OneOf(disputeCategories, { anyCase: true, example: 'AMOUNT_MISMATCH', description: 'In any letter case.' })
  category!: DisputeCategory;

  @Text(limits.disputeDescription, { example: 'Transaction amount differs from invoice' })
  description!: string;

  @Flag({ optional: true, example: false, description: 'Prepare it without putting it forward yet.' })
  draft?: boolean;
}
