import type { Readable } from 'node:stream';
import { fileChunks, WrongFile } from './file-chunks';

/** Longer lines are refused without being held in memory. */
export const maxLineBytes = 1_048_576;

export const tooLongProblem = `The line is longer than ${maxLineBytes} bytes.`;
export const isBlank = (bytes: Buffer): boolean =>
  bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);

export const tooLong = Symbol('too long');

/**
 * Lines as bytes, those of one piece of the stream together: to await each would cost more than to read it. Of a line that is
 * too long, no more than the limit is ever kept. Throws `WrongFile` for a file without any text: a job whose source failed
 * sends such a one.
 */
export async function* splitLines(stream: Readable): AsyncGenerator<(Buffer | typeof tooLong)[]> {
  let rest: Buffer[] = [];
  let held = 0;
  let skipping = false;
  let isEmpty = true as boolean;
  const finish = (last: Buffer): Buffer | typeof tooLong => {
    const whole =
      skipping || held + last.length > maxLineBytes
        ? tooLong
        : rest.length
          ? Buffer.concat([...rest, last])
          : last;
    isEmpty &&= whole !== tooLong && isBlank(whole);
    rest = [];
    held = 0;
    skipping = false;
    return whole;
  };
  for await (const chunk of fileChunks(stream)) {
    const lines: (Buffer | typeof tooLong)[] = [];
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      lines.push(finish(chunk.subarray(start, end)));
      start = end + 1;
    }
    if (lines.length) yield lines;
    const tail = chunk.subarray(start);
    held += tail.length;
    if (held > maxLineBytes) {
      skipping = true;
      rest = [];
    } else if (tail.length) rest.push(tail);
  }
  if (held || skipping) yield [finish(Buffer.alloc(0))];
  if (isEmpty) throw new WrongFile({ file: 'is empty; send at least a header, or one line' });
}
