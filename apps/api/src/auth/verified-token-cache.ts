import type { KeyObject } from 'node:crypto';

type Json = Readonly<Record<string, unknown>>;

/** What a token with a good signature says. Whether that still counts, its times above all, is asked every time. */
export type Signed = Readonly<{ header: Json; claims: Json }>;

/** A caller sends one token many times; checking its signature anew costs as much as everything else about it. */
const maxTokens = 1000;

/**
 * By key, so that what a withdrawn key vouched for goes with it, and then by the exact text. Nothing forged gets in,
 * so nobody without a key can push out the tokens of others.
 */
const signed = new WeakMap<KeyObject, Map<string, Signed>>();

export function known(key: KeyObject): ReadonlyMap<string, Signed> {
  return tokensOf(key);
}

export function remember(token: string, read: Signed, key: KeyObject): void {
  const tokens = tokensOf(key);
  if (tokens.size >= maxTokens) dropOldest(tokens);
  tokens.set(token, read);
}

function tokensOf(key: KeyObject): Map<string, Signed> {
  const tokens = signed.get(key) ?? new Map<string, Signed>();
  if (tokens.size === 0) signed.set(key, tokens);
  return tokens;
}

function dropOldest(tokens: Map<string, Signed>): void {
  const [oldest] = tokens.keys();
  if (oldest !== undefined) tokens.delete(oldest);
}
