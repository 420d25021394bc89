import { KeyObject, verify as verifySignature } from 'node:crypto';
import { verify as verifyJwt, type Algorithm } from 'jsonwebtoken';
import { parseStrictJson } from '../json/strict-json';
import { isObject } from './caller';
import { claimsFlaw, type Expected } from './claims';
import { algorithmsOf } from './keys';
import { notSigned, refusedToken } from './token-problems';
import { known, remember, type Signed } from './verified-token-cache';

/** Signature first: nothing in a token is worth an answer of its own until somebody vouches for it. */
export function verifyToken(
  token: string,
  key: KeyObject,
  expected: Expected,
  done: (refused: Error | null, claims?: unknown) => void,
): void {
  const read = known(key).get(token) ?? readSigned(token, key);
  if (typeof read === 'string') return done(refusedToken(read));
  const flaw = claimsFlaw(read.header, read.claims, expected, Date.now() / 1000);
  if (flaw !== undefined) return done(refusedToken(flaw));
  done(null, read.claims);
}

/** Says in a sentence what is wrong with a token, whenever it is looked at; a good one is remembered. */
function readSigned(token: string, key: KeyObject): Signed | string {
  if (!isSigned(token, key)) return notSigned;
  const [header, claims] = token.split('.', 2).map(readObject);
  if (!header || !claims) return 'The token is not made of two unambiguous JSON objects.';
  const read = { header: Object.freeze(header), claims: Object.freeze(claims) };
  remember(token, read, key);
  return read;
}

function isSigned(token: string, key: KeyObject): boolean {
  try {
    if (key.type === 'secret') return isSignedAsUsual(token, key);
    if (!isCanonical(token.slice(token.lastIndexOf('.') + 1))) return false;
    return key.asymmetricKeyType === 'ed25519'
      ? isSignedWithEd25519(token, key)
      : isSignedAsUsual(token, key);
  } catch {
    return false; // Malformed in one of many ways; which one helps nobody.
  }
}

/**
 * Only the signature counts here, and a bad one throws. What jsonwebtoken makes of the payload is not used: it
 * unpacks a JSON text within the JSON, and takes any number for a time.
 */
function isSignedAsUsual(token: string, key: KeyObject): boolean {
  const algorithms = algorithmsOf(key) as Algorithm[];
  verifyJwt(token, key, { algorithms, ignoreExpiration: true, ignoreNotBefore: true });
  return true;
}

/** jsonwebtoken knows no EdDSA. */
function isSignedWithEd25519(token: string, key: KeyObject): boolean {
  const [header = '', payload = '', signature = '', ...more] = token.split('.');
  if (more.length > 0 || !algorithmsOf(key).includes(String(readObject(header)?.alg))) return false;
  return verifySignature(null, Buffer.from(`${header}.${payload}`), key, bytesOf(signature));
}

/**
 * Undefined for what two readers could understand differently: with a claim given twice, say, whoever checked the
 * token before this service may have read the other one.
 */
function readObject(part: string): Readonly<Record<string, unknown>> | undefined {
  const bytes = bytesOf(part);
  if (!parseStrictJson(bytes).ok) return undefined;
  const value: unknown = JSON.parse(bytes.toString());
  return isObject(value) ? value : undefined;
}

/**
 * Decoders ignore stray characters and unused bits, so one signature can be spelled in several ways. HMACs are
 * compared as texts and need no such check.
 */
function isCanonical(base64url: string): boolean {
  return bytesOf(base64url).toString('base64url') === base64url;
}

const bytesOf = (base64url: string): Buffer => Buffer.from(base64url, 'base64url');
