import type { Refusal } from '../refusal';
import { shortened } from '../value/text';

/** Refused lines that a report on a file lists at most. All of them are counted, so memory does not grow with the file. */
export const maxListed = 1000;

/** UTF-16 units that a report repeats of a name or an id of a line. */
const maxQuoted = 100;
export const excerpt = (text: string): string => shortened(text, maxQuoted);

/** Bytes of lines that are written together, beside the limit on their number: one line may have a megabyte. */
export const maxBatchBytes = 1_048_576;

/** How many refused lines are not listed; undefined when all are. */
export const unlisted = (refused: number, listed: number): number | undefined =>
  refused > listed ? refused - listed : undefined;

/** The code of a refused line: that of the error with which a single command would be answered. */
export const lineCode = ({ code }: Refusal): string => (code === 'invalid_value' ? 'invalid_request' : code);
