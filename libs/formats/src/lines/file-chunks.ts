import type { Readable } from 'node:stream';

/** A file that cannot be read as a whole. Nothing of it was carried out. */
export class WrongFile extends Error {
  /** `fields` says for each column, or for `file` or `header`, what is wrong with it. */
  constructor(readonly fields: Readonly<Record<string, string>>) {
    super(Object.keys(fields).join(', '));
  }
}

const saveAs = 'save it as "CSV UTF-8" and send that';
const utf16 = `is UTF-16, not UTF-8; ${saveAs}`;

/** The first bytes of files that are no text in UTF-8, in hexadecimal. */
const signatures: readonly (readonly [start: RegExp, problem: string])[] = [
  [/^(fffe|feff|..00|00)/, utf16],
  [/^504b0304/, `is a workbook or another ZIP archive; ${saveAs}`],
  [/^d0cf11e0/, `is a workbook of an old Excel; ${saveAs}`],
  [/^1f8b/, 'is compressed; send it as it was before'],
  [/^25504446/, 'is a PDF; send CSV'],
];
const longestSignature = 4;
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/** The bytes of a file behind its byte order mark. Throws `WrongFile` where the first bytes are those of another format. */
export async function* fileChunks(stream: Readable): AsyncGenerator<Buffer> {
  // Destroying what is left of a file that is given up on would leave it in the way of the connection's next request.
  const chunks = stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  let start: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (start) {
      start = Buffer.concat([start, chunk]);
      if (start.length < longestSignature) continue;
      yield checked(start);
      start = undefined;
    } else yield chunk;
  }
  if (start?.length) yield checked(start);
}

function checked(start: Buffer): Buffer {
  const first = start.toString('hex', 0, longestSignature);
  const [, problem] = signatures.find(([signature]) => signature.test(first)) ?? [];
  if (problem !== undefined) throw new WrongFile({ file: problem });
  return start.subarray(0, 3).equals(byteOrderMark) ? start.subarray(3) : start;
}
