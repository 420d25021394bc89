import { shortened } from '../http/shortened';

/** Lines that the answer to a file lists at most of those it refused. All of them are counted, of whatever size the file is. */
export const maxListed = 1000;

/** UTF-16 units of what an answer hands back of a line: a name or an id. */
const maxQuoted = 100;
export const excerpt = (text: string): string => shortened(text, maxQuoted);

/** Bytes of lines that wait to be written together, beside the limit on their number: a line may have a megabyte. */
export const maxBatchBytes = 4 * 1_048_576;

/** How many of those refused are not listed; left out when all are. */
export const unlisted = (refused: number, listed: number): number | undefined =>
  refused > listed ? refused - listed : undefined;
