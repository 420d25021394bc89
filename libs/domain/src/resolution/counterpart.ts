import type { Refusal } from '../refusal';
import { ok, refuse, type Result } from '../result';
import { money } from '../value/money';
import { invalid, text, uuid, validateEach, type Checks, type Invalid } from '../value/validation';
import { limits } from '../value/text';

/**
 * A transaction that another one is declared to match. `amount` is a decimal lexeme of any sign; in a recorded match it
 * has exactly the fraction digits of its currency.
 */
export type Counterpart = Readonly<{
  source: string;
  transactionId: string;
  amount: string;
  currency: string;
}>;

const checks: Partial<Checks<Counterpart>> = { source: text(limits.source), transactionId: uuid };

/** Why the counterparts are malformed, whatever transaction they match. */
export function validateCounterparts(counterparts: readonly Counterpart[]): Invalid | undefined {
  if (counterparts.length < 1 || counterparts.length > limits.counterparts)
    return invalid('counterparts', `must be 1 to ${limits.counterparts} transactions`);
  const malformed = validateEach(counterparts, checks, 'counterparts');
  if (malformed) return malformed;
  const exact = exactly(counterparts);
  // Whether it is an amount at all; the digits that the currency allows are a rule.
  if (!exact.ok && exact.refusal.code === 'invalid_value') return exact.refusal;
  return duplicateIn(counterparts);
}

/** The counterparts with exact amounts; refuses the first whose amount cannot be exact, by its position. */
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

/** Within a source an id is one transaction, which counts once; two sources may use one id for two transactions. */
function duplicateIn(counterparts: readonly Counterpart[]): Invalid | undefined {
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

/** Refuses a counterpart that is the matched transaction itself; without a source, its id alone decides. */
export function ownTransaction(
  matched: Readonly<{ transactionId: string; source?: string }>,
  counterparts: readonly Counterpart[],
): Invalid | undefined {
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
