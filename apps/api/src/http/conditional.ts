/** The strong entity tag of a resource at `version`, with its quotes. */
export function etag(version: number): string {
  return `"${version}"`;
}

export type IfMatch = { ok: true; version?: number } | { ok: false; problem: string };

/** Only what `etag` can have made, within the integers that a number holds exactly. */
const issued = /^"(0|[1-9]\d{0,14})"$/;

/** The version the sender last saw. No version means no condition: the header is absent, or `*`, any version. */
export function readIfMatch(header: string | undefined): IfMatch {
  if (header === undefined || header === '*') return { ok: true };
  const version = issued.exec(header)?.[1];
  if (version !== undefined) return { ok: true, version: Number(version) };
  if (header.includes(',')) return refuse('If-Match holds a list: send one ETag.');
  if (/^w\//i.test(header)) {
    return refuse(
      'If-Match holds a weak ETag, which cannot guard a change: send the ETag as received, without W/.',
    );
  }
  return refuse(
    'If-Match holds no ETag of this service: send the ETag as received, quotes included, as in "7".',
  );
}

function refuse(problem: string): IfMatch {
  return { ok: false, problem };
}
