import { randomBytes, randomInt } from 'node:crypto';
import { timeOrderedIds } from '@redress/domain/integrations';

/** A UUIDv7 (RFC 9562), greater than every one this process made before. */
export const newId = timeOrderedIds({
  nowMs: () => Date.now(),
  randomBelow: (limit) => randomInt(limit),
  randomHex: (digits) => randomBytes(digits / 2).toString('hex'),
});
