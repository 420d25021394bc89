import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { parseTimestamp } from '@redress/domain';
import {
  decimal,
  lexemeOf,
  validateAmount,
  validateChoice,
  validateCurrency,
  validateTextValue,
  validateTime,
  validateUuid,
} from '@redress/formats';
import { Transform } from 'class-transformer';
import { ValidateBy, ValidateIf } from 'class-validator';

/*
 * One decorator per kind of field: it checks the shape and describes it for OpenAPI, so the two cannot disagree.
 * What a field means is the domain's business.
 */

type FieldOptions = Readonly<{
  optional?: boolean;
  description?: string | undefined;
  example?: unknown;
}>;

/** Takes a field's value from its JSON, for what is not simply a text, a flag or as it was sent. */
type ReadField = (json: unknown) => unknown;

/** A field that `problemOf` finds nothing wrong with. As a constraint, `read` is inherited with the check. */
const checked = (name: string, problemOf: (value: unknown) => string | undefined, read?: ReadField) =>
  ValidateBy({
    name,
    constraints: read ? [read] : [],
    validator: {
      validate: (value: unknown) => problemOf(value) === undefined,
      defaultMessage: (args) => problemOf(args?.value) ?? '',
    },
  });

export const field = (
  name: string,
  problemOf: (value: unknown) => string | undefined,
  options: FieldOptions & { read?: ReadField },
  schema: ApiPropertyOptions,
) =>
  applyDecorators(
    // Absent is fine, null is not: what is unset is left out.
    ...(options.optional ? [ValidateIf((_body, value) => value !== undefined)] : []),
    checked(name, problemOf, options.read),
    describedField(options, schema),
  );

/** A field as OpenAPI describes it. */
export const describedField = (
  { optional, description, example }: FieldOptions,
  schema: ApiPropertyOptions,
): PropertyDecorator =>
  ApiProperty({
    required: !optional,
    ...(description !== undefined && { description }),
    ...(example !== undefined && { example }),
    ...schema,
    // In an optional field "" means that it is not given.
    ...(optional && 'minLength' in schema && { minLength: 0 }),
  } as ApiPropertyOptions);

const missing = 'is required';

/** Text of 1 to `max` characters that is not blank. */
export const Text = (max: number, options: FieldOptions = {}) =>
  field('text', (value) => validateTextValue(value, max), options, {
    type: String,
    minLength: 1,
    maxLength: max,
  });

/** An RFC 3339 date-time with any offset; it goes on as UTC with milliseconds. */
export const Time = (options: FieldOptions = {}) =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' ? (parseTimestamp(value) ?? value) : value,
    ),
    field(
      'time',
      validateTime,
      { example: '2025-01-15T10:30:00.000Z', ...options },
      { type: String, format: 'date-time' },
    ),
  );

/** A JSON number or decimal text, kept digit by digit. How many digits a currency takes is asked later. */
export const Amount = (options: FieldOptions = {}) =>
  field(
    'amount',
    validateAmount,
    { example: 150.5, ...options, read: lexemeOf },
    { oneOf: [{ type: 'number' }, { type: 'string', pattern: decimal.source }] },
  );

export const Currency = (options: FieldOptions = {}) =>
  field(
    'currency',
    validateCurrency,
    { example: 'BRL', description: 'ISO 4217 code.', ...options },
    { type: String, pattern: '^[A-Z]{3}$' },
  );

export const Uuid = (options: FieldOptions = {}) =>
  field(
    'uuid',
    validateUuid,
    { example: '019c96a0-10ce-75fc-a273-dc799079a99c', ...options },
    { type: String, format: 'uuid' },
  );

/** Longer than any name there is; the contract limits names like every other text. */
const maxName = 255;

export const OneOf = (allowed: readonly string[], options: FieldOptions & { anyCase?: boolean } = {}) =>
  applyDecorators(
    ...(options.anyCase
      ? [
          Transform(({ value }: { value: unknown }) =>
            typeof value === 'string' ? value.toUpperCase() : value,
          ),
        ]
      : []),
    field(
      'one_of',
      (value) => validateChoice(value, allowed),
      { example: allowed[0], ...options },
      { type: String, enum: [...allowed], maxLength: maxName },
    ),
  );

export const Flag = (options: FieldOptions = {}) =>
  field(
    'flag',
    (value) =>
      typeof value === 'boolean' ? undefined : value === undefined ? missing : 'must be true or false',
    options,
    {
      type: Boolean,
    },
  );

/** An optional field of a shape of its own. */
export const CheckedAs = (
  name: string,
  problemOf: (value: unknown) => string | undefined,
  schema: ApiPropertyOptions,
  read?: ReadField,
) => field(name, problemOf, { optional: true, ...(read && { read }) }, schema);
