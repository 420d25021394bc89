import { createHash } from 'node:crypto';

/** Who asks for what under which key. `path` is the resolved path, `query` the raw text after the `?`, or empty. */
export interface KeyScope {
  readonly tenant: string;
  readonly actor: string;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly key: string;
}

/** What is asked. `body` is canonical JSON text; undefined means that the request has none. */
export interface RequestContent {
  readonly contentType: string | undefined;
  readonly ifMatch: string | undefined;
  readonly body: string | undefined;
}

/** Changing what goes into a fingerprint changes this, so that fingerprints of two kinds never compare as equal. */
const fingerprintVersion = '1';

/** The identity under which an answer is stored: a hash, so that raw keys are never kept. 43 base64url characters. */
export function scopeOf({ tenant, actor, method, path, query, key }: KeyScope): string {
  return digest([tenant, actor, method, path, canonicalQuery(query), key]);
}

/** Tells a retry from another request under the same key. 43 base64url characters. */
export function fingerprintOf({ contentType, ifMatch, body }: RequestContent): string {
  return digest([fingerprintVersion, mediaType(contentType), ifMatch, body]);
}

/** Sorted by name, the values of one name in their order; spelling differences in percent-encoding disappear. */
export function canonicalQuery(query: string): string {
  if (query === '') return '';
  const pairs = query.split('&').filter((pair) => pair !== '');
  const parameters = new URLSearchParams(
    pairs.map((pair): [string, string] => {
      const equals = pair.indexOf('=');
      return equals < 0
        ? [decoded(pair), '']
        : [decoded(pair.slice(0, equals)), decoded(pair.slice(equals + 1))];
    }),
  );
  parameters.sort();
  return parameters.toString();
}

/** What cannot be decoded stays as it is, as it does for the route; URLSearchParams would make all of it U+FFFD. */
function decoded(text: string): string {
  const spaced = text.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}

function mediaType(contentType: string | undefined): string | undefined {
  return contentType?.replace(/;.*/s, '').trim().toLowerCase();
}

/** Each part carries its length, or `a:b|c` and `a|b:c` would be one text; an absent part is not an empty one. */
function digest(parts: readonly (string | undefined)[]): string {
  const text = parts.map((part) => (part === undefined ? '-' : `${part.length}:${part}`)).join('');
  return createHash('sha256').update(text).digest('base64url');
}
