import { createHmac, createSecretKey, KeyObject, timingSafeEqual } from 'node:crypto';

/** The row a page ended at, and which way to go on from it. */
export interface CursorPosition {
  readonly direction: 'next' | 'prev';
  /** The row's value under the sort key, as text; null where the row has none. */
  readonly sortValue: string | null;
  /** Decides between rows with the same sort value. */
  readonly id: string;
}

/** A longer cursor is refused before any work is done on it. */
export const maxCursorLength = 1024;

const macLength = 16;

/** Part of what is signed: one secret may serve other purposes, and a new layout must not read an old cursor. */
const purpose = 'cursor.2';

/**
 * Turns positions into opaque base64url text and back. A cursor is valid only for the `query` it was made for, so
 * the caller puts everything the page depends on into that text: tenant, filters, sort.
 */
export class CursorCodec {
  private readonly key: KeyObject;

  constructor(secret: KeyObject | Buffer | string) {
    this.key = secret instanceof KeyObject ? secret : createSecretKey(Buffer.from(secret));
  }

  encode({ direction, sortValue, id }: CursorPosition, query: string): string {
    const payload = Buffer.from(JSON.stringify([direction, sortValue, id]));
    return Buffer.concat([this.mac(payload, query), payload]).toString('base64url');
  }

  /** Undefined for whatever this codec did not make for this query. */
  decode(text: string, query: string): CursorPosition | undefined {
    if (text.length > maxCursorLength) return undefined;
    const bytes = Buffer.from(text, 'base64url');
    // Node skips characters outside the alphabet and spare bits at the end; only the exact text counts here.
    if (bytes.length <= macLength || bytes.toString('base64url') !== text) return undefined;
    const payload = bytes.subarray(macLength);
    if (!timingSafeEqual(bytes.subarray(0, macLength), this.mac(payload, query))) return undefined;
    const [direction, sortValue, id] = JSON.parse(payload.toString()) as [
      CursorPosition['direction'],
      CursorPosition['sortValue'],
      string,
    ];
    return { direction, sortValue, id };
  }

  private mac(payload: Buffer, query: string): Buffer {
    const signed = createHmac('sha256', this.key)
      .update(`${purpose}:${query.length}:${query}`)
      .update(payload);
    return signed.digest().subarray(0, macLength);
  }
}
