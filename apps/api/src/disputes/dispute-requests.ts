import { disputeCategories, limits, type DisputeCategory } from '@redress/domain';
import { Flag, OneOf, Text } from '../http/fields';

export class OpenDisputeRequest {
  @OneOf(disputeCategories, {
    anyCase: true,
    example: 'AMOUNT_MISMATCH',
    description: 'In any letter case.',
  })
  category!: DisputeCategory;

  @Text(limits.disputeDescription, { example: 'Transaction amount differs from invoice' })
  description!: string;

  @Flag({ optional: true, example: false, description: 'Prepare it without putting it forward yet.' })
  draft?: boolean;
}

export class RequestEvidenceRequest {
  @Text(limits.requestNote, { example: 'Please attach the bank statement of January' })
  note!: string;
}

export class EvidenceRequest {
  @Text(limits.evidenceComment, { example: 'Bank statement attached' })
  comment!: string;

  @Text(limits.fileUrl, {
    optional: true,
    example: 'https://storage.example.com/evidence/doc123.pdf',
    description: 'An https URL; stored, never fetched.',
  })
  fileUrl?: string;
}

export class CloseDisputeRequest {
  @Flag({ example: true, description: 'Whether it was won.' })
  won!: boolean;

  @Text(limits.disputeResolution, { example: 'Counterparty confirmed error' })
  resolution!: string;
}

export class ReopenDisputeRequest {
  @Text(limits.reopenReason, { example: 'New evidence discovered' })
  reason!: string;
}
