import type { KeyObject } from 'node:crypto';
import type { Caller } from './caller';

type Json = Readonly<Record<string, unknown>>;

/** A token whose signature is good. Whether it still counts, its times above all, is checked for every request. */
export type VerifiedToken = Readonly<{
  header: Json;
  claims: Json;
  /** Whom the claims name, or a sentence that says why they name no caller. */
  caller: Caller | string;
}>;

/** Tokens per key. The oldest is dropped for a new one. */
const maxTokens = 1000;

/**
 * Cache of verified tokens, bounded for each key. A caller sends one token many times, and checking its signature again costs
 * as much as the rest of the pipeline. Tokens are kept by key, so they go when an issuer withdraws it, and then by their exact
 * text. Nothing forged gets in, so without a key the tokens of others cannot be pushed out.
 */
export class VerifiedTokenCache {
  private readonly byKey = new WeakMap<KeyObject, Map<string, VerifiedToken>>();

  get(token: string, key: KeyObject): VerifiedToken | undefined {
    return this.byKey.get(key)?.get(token);
  }

  set(token: string, key: KeyObject, verified: VerifiedToken): void {
    const tokens = this.byKey.get(key) ?? new Map<string, VerifiedToken>();
    if (tokens.size === 0) this.byKey.set(key, tokens);
    if (tokens.size >= maxTokens) dropOldest(tokens);
    tokens.set(token, verified);
  }
}

function dropOldest(tokens: Map<string, VerifiedToken>): void {
  const [oldest] = tokens.keys();
  if (oldest !== undefined) tokens.delete(oldest);
}
