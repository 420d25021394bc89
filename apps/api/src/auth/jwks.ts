import { KeyObject } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { createLocalJWKSet, type JSONWebKeySet, type JWSHeaderParameters } from 'jose';

type KeySet = ReturnType<typeof createLocalJWKSet>;
type PublicKey = Awaited<ReturnType<KeySet>>;

/** All in milliseconds. */
const defaultTiming = {
  /** A key that is not in the set may be new, but it is worth asking only this long after the last answer. */
  cooldown: 30_000,
  /** A set of this age is fetched again in the background, while it stays in use, so that withdrawn keys disappear. */
  refreshAfter: 10 * 60_000,
  /** So long the keys known are good while the issuer is away: it must not be able to stop the desk for an hour. */
  maxAge: 24 * 60 * 60_000,
  /** Backoff: after a failure the issuer is not asked again for this long. */
  pause: 1_000,
  timeout: 3_000,
};

/** Bytes of a set of keys, and keys in it: more than any issuer has. */
export const maxKeySetBytes = 1_048_576;
const maxKeys = 100;

/** Gets a document of the issuer; of one that is longer than `maxKeySetBytes`, at least a byte more than that. */
export type GetText = (
  url: URL,
  signal: AbortSignal,
  headers: Readonly<Record<string, string>>,
) => Promise<Readonly<{ status: number; text: string }>>;

const directly: GetText = async (url, signal, headers) => {
  const { status, body } = await fetch(url, { headers, redirect: 'error', signal });
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of (body ?? []) as AsyncIterable<Uint8Array>) {
    pieces.push(piece);
    // Leaving the loop ends the connection.
    if ((bytes += piece.length) > maxKeySetBytes) break;
  }
  return { status, text: Buffer.concat(pieces).toString() };
};

/** The issuer does not answer, so nothing can be said about a token: neither that it is good nor that it is not. */
export class KeysUnreachable extends Error {}

/**
 * The public keys that an issuer publishes as a JSON Web Key Set. Tokens with unknown keys cannot flood the issuer:
 * there is at most one request at a time, one per cooldown while the issuer answers and one per pause while it does
 * not. jose picks the key by `kid`, `alg`, `use` and `key_ops`, and refuses symmetric keys.
 */
export class RemoteKeys {
  private readonly log = new Logger(RemoteKeys.name);
  private readonly timing: typeof defaultTiming;
  private readonly imported = new WeakMap<PublicKey, KeyObject>();
  private known: KeySet | undefined;
  private knownAt = -Infinity;
  private failedAt = -Infinity;
  private fetching: Promise<void> | undefined;

  constructor(
    private readonly url: URL,
    timing: Partial<typeof defaultTiming> = {},
    private readonly get: GetText = directly,
  ) {
    this.timing = { ...defaultTiming, ...timing };
  }

  /** @throws KeysUnreachable when the key is not known and the issuer cannot be asked. */
  async find(header: JWSHeaderParameters): Promise<KeyObject | undefined> {
    const age = this.age();
    if (age > this.timing.maxAge) await this.refresh();
    else if (age > this.timing.refreshAfter) this.refresh().catch(() => undefined);

    const key = await this.lookUp(header);
    if (key || this.age() <= this.timing.cooldown) return key;
    await this.refresh();
    return this.lookUp(header);
  }

  private async lookUp(header: JWSHeaderParameters): Promise<KeyObject | undefined> {
    const key = await this.known?.(header).catch(() => undefined);
    if (!key) return undefined;
    const imported = this.imported.get(key) ?? KeyObject.from(key);
    this.imported.set(key, imported);
    return imported;
  }

  private age(): number {
    return performance.now() - this.knownAt;
  }

  private async refresh(): Promise<void> {
    if (performance.now() - this.failedAt < this.timing.pause) throw new KeysUnreachable();
    this.fetching ??= this.fetch().finally(() => (this.fetching = undefined));
    return this.fetching;
  }

  private async fetch(): Promise<void> {
    try {
      const { status, text } = await this.get(this.url, AbortSignal.timeout(this.timing.timeout), {
        accept: 'application/jwk-set+json, application/json',
      });
      if (status !== 200) throw new Error(`it answered ${status}`);
      this.known = createLocalJWKSet(keySetIn(text));
      this.knownAt = performance.now();
    } catch (cause) {
      this.failedAt = performance.now();
      this.log.warn(`No keys from ${this.url.origin}${this.url.pathname}: ${reasonOf(cause)}`);
      throw new KeysUnreachable('No keys', { cause });
    }
  }
}

function keySetIn(text: string): JSONWebKeySet {
  if (Buffer.byteLength(text) > maxKeySetBytes)
    throw new Error(`it answered more than ${maxKeySetBytes} bytes`);
  const set = JSON.parse(text) as JSONWebKeySet;
  if (set.keys.length > maxKeys) throw new Error(`its set has more than ${maxKeys} keys`);
  return set;
}

/** `fetch` says only "fetch failed"; what failed is in its cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}
