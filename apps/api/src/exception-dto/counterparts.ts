import { limits } from '@redress/domain';
import {
  decimal,
  isRecord,
  lexemeOf,
  validateAmount,
  validateCurrency,
  validateTextValue,
  validateUuid,
} from '@redress/formats';
import { CheckedAs } from '../http/fields';

const members: Readonly<Record<string, (value: unknown) => string | undefined>> = {
  source: (value) => validateTextValue(value, limits.source),
  transactionId: validateUuid,
  amount: validateAmount,
  currency: validateCurrency,
};
const names = Object.keys(members);

/** Amounts digit by digit. */
const plain = (item: unknown): unknown =>
  isRecord(item) ? { ...item, ...('amount' in item && { amount: lexemeOf(item['amount']) }) } : item;

/** What is wrong, and where: `[3].amount is required`. */
function faultIn(item: unknown, place: string): string | undefined {
  if (!isRecord(item)) return `${place} must be an object of ${names.join(', ')}`;
  const unknown = Object.keys(item).find((name) => !Object.hasOwn(members, name));
  if (unknown !== undefined)
    return `${place} has ${JSON.stringify(unknown)}, which is not known; known are ${names.join(', ')}`;
  for (const [name, fault] of Object.entries(members)) {
    const problem = fault(item[name]);
    if (problem !== undefined) return `${place}.${name} ${problem}`;
  }
  return undefined;
}

function counterpartsFault(value: unknown): string | undefined {
  if (!Array.isArray(value) || value.length < 1 || value.length > limits.counterparts)
    return `must be a list of 1 to ${limits.counterparts} transactions`;
  for (const [i, item] of (value as readonly unknown[]).entries()) {
    const fault = faultIn(item, `[${i}]`);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** What is matched, each with the amount it has there. */
export const Counterparts = () =>
  CheckedAs(
    'counterparts',
    counterpartsFault,
    {
      type: 'array',
      minItems: 1,
      maxItems: limits.counterparts,
      description:
        'What it matches. What they leave of its amount, in each currency, may not be more than is tolerated, unless ' +
        'that is accepted.',
      example: [
        {
          source: 'ledger',
          transactionId: '019c96a0-11aa-7b1e-9c57-2f1d7a1b6c01',
          amount: '1500.48',
          currency: 'BRL',
        },
      ],
      items: {
        type: 'object',
        required: names,
        additionalProperties: false,
        properties: {
          source: { type: 'string', minLength: 1, maxLength: limits.source },
          transactionId: { type: 'string', format: 'uuid' },
          amount: { oneOf: [{ type: 'number' }, { type: 'string', pattern: decimal.source }] },
          currency: { type: 'string', pattern: '^[A-Z]{3}$' },
        },
      },
    },
    (given) => (Array.isArray(given) ? given.map(plain) : given),
  );
