import { reasonOf, StartFailure } from '@redress/typeorm';
import { describeError } from './config/redaction';

/** Ends the process with exit code 1 and one sentence on stderr; at LOG_LEVEL debug the stack follows. */
export const endWithSentence =
  (what: string) =>
  (error: unknown): void => {
    const sentence = error instanceof StartFailure ? error.message : `${what}: ${reasonOf(error)}.`;
    const detailed = ['debug', 'trace'].includes(process.env['LOG_LEVEL'] ?? '');
    const cause = error instanceof StartFailure ? error.cause : error;
    const stack = detailed && cause instanceof Error ? `${describeError(cause).stack}\n` : '';
    const end = () => process.exit(1);
    process.stderr.on('error', end).write(`${sentence}\n${stack}`, end);
    // For a reader that does not read.
    setTimeout(end, 2000);
  };
