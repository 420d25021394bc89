import { ApiProperty } from '@nestjs/swagger';
import { exceptionLifecycle, severities, statuses, maxNames } from '@redress/domain';
import { always, count, user } from '../http/response-fields';

class CountedReason {
  @always('Amount mismatch detected') reason!: string;
  @count(42, 'How many.') count!: number;
}

class CountedReasons {
  @ApiProperty({ type: [CountedReason], description: `The ${maxNames} most frequent.` })
  top!: CountedReason[];
  @count(7, 'How many have other reasons.') other!: number;
}

class CountedAssignee {
  @always(user) assignee!: string;
  @count(42, 'How many.') count!: number;
}

class CountedAssignees {
  @ApiProperty({ type: [CountedAssignee], description: `The ${maxNames} with most.` })
  top!: CountedAssignee[];
  @count(12, 'How many nobody is assigned to.') unassigned!: number;
  @count(0, 'How many have other assignees.') other!: number;
}

class CountedAge {
  @count(24, 'Hours since `occurredAt`, else since it was raised, at least.') fromHours!: number;
  @ApiProperty({ type: 'integer', required: false, example: 72, description: 'Hours, less than.' })
  toHours?: number;
  @count(9, 'How many.') count!: number;
}

class CountedAmount {
  @always('BRL') currency!: string;
  @count(42, 'How many.') count!: number;
  @always('1500.50', { description: 'Exact decimal with all fraction digits of the currency.' }) sum!: string;
}

const counts = (values: readonly string[]) =>
  ApiProperty({
    type: 'object',
    properties: Object.fromEntries(values.map((value) => [value, { type: 'integer', minimum: 0 }])),
    additionalProperties: false,
    example: Object.fromEntries(values.map((value) => [value, 3])),
  });

export class ExceptionSummaryResponse {
  @count(61, 'How many there are.') total!: number;
  @count(5, 'How many are unresolved and past their due date.') overdue!: number;
  @counts(statuses(exceptionLifecycle)) byStatus!: Record<string, number>;
  @counts(severities) bySeverity!: Record<string, number>;
  @ApiProperty({ type: CountedReasons }) byReason!: CountedReasons;
  @ApiProperty({ type: CountedAssignees }) byAssignee!: CountedAssignees;
  @ApiProperty({ type: [CountedAge], description: 'Of the unresolved ones.' }) byAge!: CountedAge[];
  @ApiProperty({ type: [CountedAmount], description: 'Of those that have an amount, by its currency.' })
  amounts!: CountedAmount[];
}
