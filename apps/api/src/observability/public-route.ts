import { withTimeout } from '../with-timeout';

const timeoutMs = 1000;

/** A deadline for what a route without a token waits for, so that a slow database does not collect its callers. */
export const withinASecond = <T>(work: Promise<T>): Promise<T> =>
  withTimeout(timeoutMs, work, () => new Error(`No answer within ${timeoutMs} ms.`));
