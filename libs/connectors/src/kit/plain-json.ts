import type { JsonReader } from './json';

/** More than the events of any ticket have. */
const maxBytes = 1024 * 1024;

/** Reads JSON by `JSON.parse`, for services whose other parts do not read inbound messages as well. Bounds the size. */
export const plainJson: JsonReader = {
  read(body) {
    if (body.byteLength > maxBytes)
      return { ok: false, problem: `The message has more than ${maxBytes} bytes.` };
    try {
      const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
      return { ok: true, value: JSON.parse(text) as unknown };
    } catch {
      return { ok: false, problem: 'The message is not JSON in UTF-8.' };
    }
  },
  // A number beyond may not have the digits that it was written with.
  numberText: (value) => (Number.isSafeInteger(value) ? String(value) : undefined),
};
