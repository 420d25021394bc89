import type { JsonReader } from '@redress/connectors';
import { messageLimits } from './json-limits';
import { JsonNumber, parseStrictJson } from './strict-json';

/** Reads inbound messages of connectors with the strict reader, within the limits of messages. */
export const messageReader: JsonReader = {
  read: (body) => parseStrictJson(Buffer.from(body.buffer, body.byteOffset, body.byteLength), messageLimits),
  numberText: (value) => (value instanceof JsonNumber ? value.lexeme : undefined),
};
