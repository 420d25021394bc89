import type { Refusal } from '../refusal';
import { ok, refuse, type Result } from '../result';
import { money } from '../value/money';
import { firstFlaw, invalid, textFlaw, uuidFlaw, type Flaw } from '../value/validation';
import { limits } from '../value/text';

/**
 * A transaction that another one is said to match: where it is, which it is, and over how much. `amount` is a decimal
 * lexeme of any sign; where a match is recorded, it has exactly the fraction digits of its currency.
 */
export type Counterpart = Readonly<{
  source: string;
  transactionId: string;
  amount: string;
  currency: string;
}>;

/** What is malformed about them, whatever they are to match. */
export function counterpartsFlaw(counterparts: readonly Counterpart[]): Flaw {
  if (counterparts.length < 1 || counterparts.length > limits.counterparts)
    return invalid('counterparts', `must be 1 to ${limits.counterparts} transactions`);
  const exact = exactly(counterparts);
  return firstFlaw(
    ...counterparts.flatMap(({ source, transactionId }, i) => [
      textFlaw(`counterparts[${i}].source`, source, limits.source),
      uuidFlaw(`counterparts[${i}].transactionId`, transactionId),
    ]),
    // Whether it is an amount at all; what the currency allows is a rule.
    !exact.ok && exact.refusal.code === 'invalid_value' ? exact.refusal : undefined,
    namedTwice(counterparts),
  );
}

/** Each to the digit, or the first that cannot be, by its place. */
export function exactly(counterparts: readonly Counterpart[]): Result<readonly Counterpart[]> {
  const exact: Counterpart[] = [];
  for (const [i, { source, transactionId, amount, currency }] of counterparts.entries()) {
    const read = money(amount, currency);
    if (!read.ok) return refuse(inPlace(read.refusal, i));
    exact.push({ source, transactionId: transactionId.toLowerCase(), ...read.value });
  }
  return ok(exact);
}

const inPlace = (refusal: Refusal, i: number): Refusal =>
  'field' in refusal ? { ...refusal, field: `counterparts[${i}].${refusal.field}` } : refusal;

/** Two systems may call one payment by one id; within a system an id is one transaction, which counts once. */
function namedTwice(counterparts: readonly Counterpart[]): Flaw {
  const places = new Map<string, number>();
  for (const [i, { source, transactionId }] of counterparts.entries()) {
    const one = JSON.stringify([source, transactionId.toLowerCase()]);
    const before = places.get(one);
    if (before !== undefined)
      return invalid(
        `counterparts[${i}].transactionId`,
        `is that of counterparts[${before}], of the same source; name each transaction once`,
      );
    places.set(one, i);
  }
  return undefined;
}

/** The transaction that is to be matched is no counterpart of itself. Where its source is not known, any may be it. */
export function ownTransaction(
  matched: Readonly<{ transactionId: string; source?: string }>,
  counterparts: readonly Counterpart[],
): Flaw {
  const own = counterparts.findIndex(
    ({ source, transactionId }) =>
      transactionId.toLowerCase() === matched.transactionId &&
      (matched.source === undefined || matched.source === source),
  );
  return own < 0
    ? undefined
    : invalid(
        `counterparts[${own}].transactionId`,
        'is the transaction of the exception itself; name those that it matches',
      );
}
