import type { IncomingMessage } from 'node:http';
import { randomBytes, randomInt } from 'node:crypto';
import { timeOrderedIds } from '@redress/domain/integrations';

/** A UUIDv7 (RFC 9562), greater than every one this process made before. */
export const newId = timeOrderedIds({
  nowMs: () => Date.now(),
  randomBelow: (limit) => randomInt(limit),
  randomHex: (digits) => randomBytes(digits / 2).toString('hex'),
});

const acceptableId = /^[A-Za-z0-9._:-]{1,128}$/;

/** The caller's own id where it can be logged and sent back as it is, else a new one. */
export function requestId({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && acceptableId.test(given) ? given : newId();
}
