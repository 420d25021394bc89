import { IntersectionType } from '@nestjs/swagger';
import { AssignRequest, DispatchRequest, ResolveRequest } from '../exception-dto/exception-requests';
import { isJsonObject, JsonNumber } from '@redress/formats';
import { CheckedAs, Flag } from '../http/fields';

export const maxBulk = 1000;
/** One that is no UUID fails alone, and is handed back; so it may not be long. */
const maxIdLength = 100;

const idsFault = (value: unknown): string | undefined =>
  Array.isArray(value) &&
  value.length >= 1 &&
  value.length <= maxBulk &&
  value.every((id) => typeof id === 'string' && id.length <= maxIdLength)
    ? undefined
    : `must be a list of 1 to ${maxBulk} ids, each of at most ${maxIdLength} characters`;

const filterFault = (value: unknown): string | undefined =>
  isJsonObject(value) ? undefined : 'must be an object of the parameters of the list';

const countOf = (json: unknown): unknown => (json instanceof JsonNumber ? Number(json.lexeme) : json);
const countFault = (value: unknown): string | undefined =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) <= maxBulk
    ? undefined
    : `must be a whole number of 0 to ${maxBulk}`;

const ids = {
  type: 'array',
  items: { type: 'string', format: 'uuid' },
  minItems: 1,
  maxItems: maxBulk,
} as const;

/** To whom a command is given: to these, or to all that a list with this filter would show. */
export class ManyExceptions {
  @CheckedAs('ids', idsFault, { ...ids, description: 'Each counts once. Either these or `filter`.' })
  exceptionIds?: string[];

  @CheckedAs('ids', idsFault, { ...ids, description: 'Another spelling of `exceptionIds`.' })
  exception_ids?: string[];

  @CheckedAs('filter', filterFault, {
    type: 'object',
    additionalProperties: {},
    example: { status: ['OPEN'], overdue: true },
    description:
      `Parameters of the list, without order and paging; may match ${maxBulk} exceptions at most. One without a ` +
      'condition chooses everything, so it takes `expectedCount` as well.',
  })
  filter?: Record<string, unknown>;

  @CheckedAs(
    'count',
    countFault,
    {
      ...{ type: 'integer', minimum: 0, maximum: maxBulk, example: 1 },
      description: 'The `total` of a preview: where the number is another one by now, nothing is done.',
    },
    countOf,
  )
  expectedCount?: number;

  @Flag({ optional: true, example: false, description: 'Tell what would happen, and do nothing.' })
  preview?: boolean;
}

export class BulkAssignRequest extends IntersectionType(ManyExceptions, AssignRequest) {}
export class BulkResolveRequest extends IntersectionType(ManyExceptions, ResolveRequest) {}
export class BulkDispatchRequest extends IntersectionType(ManyExceptions, DispatchRequest) {}
