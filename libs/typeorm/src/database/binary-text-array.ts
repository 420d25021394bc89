/** PostgreSQL's number for the type `text`. */
const textOid = 25;
const headerBytes = 20;
const lengthBytes = 4;
/** A UTF-16 unit takes at most so many bytes in UTF-8. */
const bytesPerUnit = 3;
const absent = -1;

/**
 * A column of many rows as a `text[]` in PostgreSQL's binary format; null when no row has a value, since unnest fills up
 * what is missing. Nothing has to be quoted, escaped and looked for, which took a third of the time that writing a batch
 * takes on both sides.
 */
export function textArray<R>(rows: readonly R[], cell: (row: R) => unknown): Buffer | null {
  let bytes: Buffer = Buffer.allocUnsafe(headerBytes + rows.length * 64);
  let at = headerBytes;
  let absentees = 0;
  for (const row of rows) {
    const value = cell(row) ?? null;
    const text = value === null ? '' : textOf(value);
    const needed = at + lengthBytes + bytesPerUnit * text.length;
    if (needed > bytes.length) bytes = grown(bytes, at, needed);
    const length = value === null ? absent : bytes.write(text, at + lengthBytes);
    bytes.writeInt32BE(length, at);
    at += lengthBytes + Math.max(length, 0);
    if (value === null) absentees++;
  }
  if (absentees === rows.length) return null;
  const header = [1, absentees > 0 ? 1 : 0, textOid, rows.length, 1];
  header.forEach((number, i) => bytes.writeInt32BE(number, i * lengthBytes));
  return bytes.subarray(0, at);
}

function grown(bytes: Buffer, used: number, needed: number): Buffer {
  const larger = Buffer.allocUnsafe(2 * needed);
  bytes.copy(larger, 0, 0, used);
  return larger;
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Buffer.isBuffer(value)) return `\\x${value.toString('hex')}`;
  return value instanceof Date ? value.toISOString() : String(value);
}
