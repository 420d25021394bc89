import { hash } from 'node:crypto';
import type { HistoryEvent } from '@redress/domain';
import type { Row } from '../entities/entity-schemas';

/** The end of an exception's history: how many lines there are, and the hash of the last. */
export type Head = Readonly<{ seq: number; hash: Buffer }>;

/** Before the first line. */
export const genesis: Head = { seq: 0, hash: Buffer.alloc(32) };

/**
 * hash = SHA-256("redress.v1" ‖ tenant ‖ exception ‖ seq ‖ previous hash ‖ payload), each part after its length in
 * bytes, so that no two lists of parts read the same. The payload is hashed as the exact text that is stored.
 */
export function hashOf(
  tenant: string,
  exceptionId: string,
  seq: number,
  previous: Buffer,
  payload: string,
): Buffer {
  const before = `redress.v1${part(tenant)}${part(exceptionId)}${part(String(seq))}${previous.length}:`;
  const after = part(payload);
  // One buffer and one call: an update for each part costs several times what hashing does.
  const split = Buffer.byteLength(before);
  const whole = Buffer.allocUnsafe(split + previous.length + Buffer.byteLength(after));
  whole.write(before);
  whole.set(previous, split);
  whole.write(after, split + previous.length);
  return hash('sha256', whole, 'buffer');
}

const part = (text: string): string => `${Buffer.byteLength(text)}:${text}`;

/** The row that continues a history after `head`. */
export function historyRow(
  tenant: string,
  head: Head,
  event: HistoryEvent,
): Row & { seq: number; hash: Buffer } {
  const seq = head.seq + 1;
  const payload = JSON.stringify(event);
  return {
    exception_id: event.exceptionId,
    seq,
    id: event.id,
    type: event.type,
    at: event.at,
    payload,
    prev_hash: head.hash,
    hash: hashOf(tenant, event.exceptionId, seq, head.hash, payload),
  };
}
