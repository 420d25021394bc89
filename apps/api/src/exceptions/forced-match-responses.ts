import { ApiProperty } from '@nestjs/swagger';
import { always, id, when } from '../http/response-fields';
import { ApprovedProposal, ExceptionResponse, Residual } from '../exception-dto/exception-responses';

/* What answers about forced matches look like, for OpenAPI. */

export class Counterpart {
  @always('bank:atlantico') source!: string;
  @always('019c96a0-11aa-7b1e-9c57-2f1d7a1b6c01') transactionId!: string;
  @always('1500.48', { description: 'Exact decimal with all fraction digits of the currency.' })
  amount!: string;
  @always('BRL') currency!: string;
}

export class ForcedMatchResponse {
  @always(id) id!: string;
  @always(id) exceptionId!: string;
  @always('BUSINESS_DECISION') overrideReason!: string;
  @always('Approved by finance team after manual review') notes!: string;
  @ApiProperty({ type: [Counterpart] }) counterparts!: Counterpart[];
  @ApiProperty({ type: [Residual], description: 'None where the exception has no amount.' })
  residuals!: Residual[];
  @ApiProperty({
    type: Boolean,
    example: false,
    description: 'More was left than is tolerated, and whoever matched it accepted that.',
  })
  residualAccepted!: boolean;
  @ApiProperty({
    type: ApprovedProposal,
    required: false,
    description: 'Where it took approval: who wanted it and who agreed.',
  })
  approval?: ApprovedProposal;
  @always('user@example.com') createdBy!: string;
  @when() createdAt!: string;
}

export class ForcedMatchList {
  @ApiProperty({ type: [ForcedMatchResponse] }) items!: ForcedMatchResponse[];
}

export class ForceMatchResponse extends ExceptionResponse {
  @ApiProperty({
    type: [Residual],
    required: false,
    description: 'What the counterparts leave of the amount, where some were named.',
  })
  residuals?: Residual[];
}
