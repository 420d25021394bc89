import { pipeline, type Readable } from 'node:stream';
import { createGzip } from 'node:zlib';

/** Whether an Accept-Encoding header takes gzip. */
export function takesGzip(encodings = ''): boolean {
  const weights = encodings.split(',').map((range): [coding: string, weight: number] => {
    const [coding = '', weight = 'q=1'] = range.split(';').map((part) => part.trim().toLowerCase());
    return [coding, Number(weight.replace(/^q=/, '')) || 0];
  });
  const weightOf = (wanted: string) => weights.find(([coding]) => coding === wanted)?.[1];
  return (weightOf('gzip') ?? weightOf('*') ?? 0) > 0;
}

/** The stream, compressed at the level that costs least. When the one breaks off, so does the other. */
export const gzipped = (stream: Readable): Readable =>
  pipeline(stream, createGzip({ level: 1 }), () => undefined);
