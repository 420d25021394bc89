import { masked } from '@redress/typeorm';

const redactedKey =
  /authorization|cookie|password|secret|token|idempotency-?key|^(body|query|parameters|params|headers)$/i;

/** Deeper than anything that is logged on purpose. */
const deepest = 6;

/**
 * A value as it may be logged: nothing under a telling name, no credentials within texts. Objects of a class are left
 * to the serializers.
 */
export function redacted(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return masked(value);
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof Error) return describeError(value);
  const isArray = Array.isArray(value);
  if (!isArray && !isPlain(value)) return value;
  if (depth === deepest) return '[…]';
  if (isArray) return value.map((item) => redacted(item, depth + 1));
  const copy: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    copy[key] = redactedKey.test(key) ? '[redacted]' : redacted(item, depth + 1);
  }
  return copy;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

export type ErrorDescription = Readonly<{
  type: string;
  message: string;
  stack: string;
  [fact: string]: unknown;
}>;

/** Facts that name a place, never a value: a driver's `detail`, `where` and `parameters` quote the row. */
const facts = ['code', 'constraint', 'table', 'column', 'syscall', 'address', 'port'] as const;

/** An error as it may be logged. */
export function describeError(error: Error, depth = 0): ErrorDescription {
  const details = error as Error & Record<string, unknown>;
  const type = error.constructor.name;
  const message = messageOf(details);
  const cause = details.cause ?? details.driverError;
  return {
    type,
    message,
    stack: `${type}: ${message}${framesOf(error.stack)}`,
    ...Object.fromEntries(facts.filter((fact) => fact in details).map((fact) => [fact, details[fact]])),
    ...(cause instanceof Error && depth < deepest && { cause: describeError(cause, depth + 1) }),
  };
}

/** A stack repeats the message of its error, which only `messageOf` may print. */
export const framesOf = (stack = ''): string => /\n\s+at .*/s.exec(stack)?.[0] ?? '';

/** SQLSTATE class 22 (data exceptions) and JSON syntax errors quote what they could not read. */
function messageOf({ message, code, name }: Error & Record<string, unknown>): string {
  const quotesItsInput = name === 'SyntaxError' || (typeof code === 'string' && /^22...$/.test(code));
  return quotesItsInput ? message.replace(/["'`].*/s, '…') : masked(message);
}
