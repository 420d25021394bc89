import { ApiProperty } from '@nestjs/swagger';
import { directions } from '@redress/domain';
import { always, choice, count, id, Page, text, when } from '../http/response-fields';
import { ApprovedProposal, ExceptionResponse } from '../exception-dto/exception-responses';

/* What answers about adjustments look like, for OpenAPI. */

export class AdjustmentResponse {
  @always(id) id!: string;
  @always(id) exceptionId!: string;
  @always('150.50', { description: 'Exact decimal with all fraction digits of the currency.' })
  amount!: string;
  @always('BRL') currency!: string;
  @choice(directions, 'DEBIT', true) direction!: string;
  @when() effectiveAt!: string;
  @always('FEE_ADJUSTMENT') reasonCode!: string;
  @always('Correcting processing fee discrepancy') notes!: string;
  @ApiProperty({
    type: ApprovedProposal,
    required: false,
    description: 'Where it took approval: who wanted it and who agreed.',
  })
  approval?: ApprovedProposal;
  @text(id, { description: 'Of a reversal: the adjustment that it takes back.' }) reverses?: string;
  @text(id, { description: 'The reversal that takes it back.' }) reversedBy?: string;
  @always('user@example.com') createdBy!: string;
  @when() createdAt!: string;
}

export class AdjustmentList {
  @ApiProperty({ type: [AdjustmentResponse] }) items!: AdjustmentResponse[];
}

export class AdjustmentTotal {
  @always('BRL') currency!: string;
  @choice(directions, 'DEBIT', true) direction!: string;
  @count(12, 'How many there are.') count!: number;
  @always('1806.00', { description: 'Their exact sum.' }) amount!: string;
}

export class AdjustmentPage extends Page {
  @ApiProperty({ type: [AdjustmentResponse] }) items!: AdjustmentResponse[];
  @ApiProperty({
    type: [AdjustmentTotal],
    required: false,
    description: 'On the first page: of all that the filters choose, one for each currency and direction.',
  })
  totals?: AdjustmentTotal[];
}

export class ReversalResponse {
  @ApiProperty({ type: AdjustmentResponse }) reversal!: AdjustmentResponse;
  @ApiProperty({ type: ExceptionResponse, description: 'The exception that has to be worked on now.' })
  exception!: ExceptionResponse;
}
