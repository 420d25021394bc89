import type { KeyObject } from 'node:crypto';
import { Problem } from '../problems/problem';
import { parseStrictJson } from '@redress/formats';
import { callerOf, isObject, type Caller } from './caller';
import { claimsFlaw, type Expected } from './claims';
import { KeysUnreachable } from './jwks';
import { algorithmsOf, headerOf, type KeySource } from './keys';
import { notSigned, refusedToken } from './token-problems';
import { VerifiedTokenCache, type VerifiedToken } from './verified-token-cache';

/** Everything about a token but its signature: which key it takes, and whom it names. What is refused is a thrown Problem. */
export class TokenReader {
  private readonly cache = new VerifiedTokenCache();

  constructor(
    private readonly keys: KeySource,
    private readonly expected: Expected = {},
  ) {}

  /** The key that the signature has to be verified with. One that is there is returned at once, which saves a turn. */
  keyOf(token: string): KeyObject | Promise<KeyObject> {
    const key = this.keys(token);
    return key instanceof Promise ? key.then(found, notFound) : found(key);
  }

  /** The caller of a token that was accepted before; its times and its audience are checked again. */
  known(token: string, key: KeyObject): Caller | undefined {
    const verified = this.cache.get(token, key);
    return verified && this.callerOf(verified);
  }

  /** Before the signature is verified: the key decides which algorithms a token may name, not the token. */
  expectFitting(token: string, key: KeyObject): void {
    const fits = algorithmsOf(key).includes(String(headerOf(token)?.alg));
    if (!fits || !isCanonical(token, key) || isNull(token)) throw refusedToken(notSigned);
  }

  /** The caller of a token whose signature was verified with the key just now. */
  accept(token: string, key: KeyObject): Caller {
    const [header, claims] = token.split('.', 2).map(readObject);
    if (!header || !claims) throw refusedToken('The token is not made of two unambiguous JSON objects.');
    const verified = { header, claims, caller: callerOf(claims) };
    this.cache.set(token, key, verified);
    return this.callerOf(verified);
  }

  private callerOf({ header, claims, caller }: VerifiedToken): Caller {
    const flaw = claimsFlaw(header, claims, this.expected, Date.now() / 1000);
    if (flaw !== undefined) throw refusedToken(flaw);
    if (typeof caller === 'string') throw refusedToken(caller);
    return caller;
  }
}

function found(key: KeyObject | undefined): KeyObject {
  if (!key) throw refusedToken(notSigned);
  return key;
}

/** Not a 401: it may be anyone's token, and a client that drops a good one would only make things worse. */
function notFound(error: unknown): never {
  if (!(error instanceof KeysUnreachable)) throw error;
  throw new Problem('service_unavailable', 'Tokens cannot be checked just now: try again soon.', undefined, {
    'retry-after': '1',
  });
}

/**
 * Undefined for JSON that two readers could understand differently: with a claim given twice, say, a gateway before this
 * service may have checked the other one.
 */
function readObject(part: string): Readonly<Record<string, unknown>> | undefined {
  const bytes = bytesOf(part);
  if (!parseStrictJson(bytes).ok) return undefined;
  const value: unknown = JSON.parse(bytes.toString());
  return isObject(value) ? Object.freeze(value) : undefined;
}

/**
 * Whether the signature is spelled in the one right way: decoders ignore stray characters and unused bits. HMACs are
 * compared as texts and need no such check.
 */
function isCanonical(token: string, key: KeyObject): boolean {
  const signature = token.slice(token.lastIndexOf('.') + 1);
  return key.type === 'secret' || bytesOf(signature).toString('base64url') === signature;
}

/** Whether the payload is the JSON `null`, which jsonwebtoken fails at instead of refusing it. */
const isNull = (token: string): boolean => /^\s*null\s*$/.test(bytesOf(token.split('.')[1] ?? '').toString());

const bytesOf = (base64url: string): Buffer => Buffer.from(base64url, 'base64url');
