import { messageLimits } from './json-limits';
import { JsonNumber } from './json-value';
import { parseStrictJson, type StrictJson } from './strict-json';

/**
 * Reads signed messages of external systems within `messageLimits`. It is a `JsonReader` of `@redress/connectors`: give it
 * to `connectorsFor` as `json`, so that a message which two readers could understand differently is refused.
 */
export const messageReader = {
  /** The value, or what is wrong with the text. */
  read: (body: Uint8Array): StrictJson =>
    parseStrictJson(Buffer.from(body.buffer, body.byteOffset, body.byteLength), messageLimits),
  /** The digits of a number as they were sent; undefined where the value is no number. */
  numberText: (value: unknown): string | undefined =>
    value instanceof JsonNumber ? value.lexeme : undefined,
};
