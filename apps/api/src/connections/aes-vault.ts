import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

/** Where a sealed value is kept. It cannot be opened anywhere else, so it is worth nothing in another row. */
export type Place = Readonly<{ table: string; tenant: string; id: string }>;

/** The key that is needed is not configured: for whoever operates the service, a sentence. */
export class KeyMissing extends Error {}

/** The sealed value is not what was sealed for this place: altered, cut short, or moved. */
export class SealBroken extends Error {}

const layout = 1;
const keyIdLength = 8;
const nonceLength = 12;
const tagLength = 16;
const headLength = 1 + keyIdLength;
const leastLength = headLength + nonceLength + tagLength;

/**
 * Seals values with AES-256-GCM. A sealed value names its key, so that keys can be changed: the current one seals, the
 * old ones still open. As bytes: layout, id of the key, nonce, tag, text.
 */
export class SealingKeys {
  private readonly keys: ReadonlyMap<string, Buffer>;

  constructor(
    private readonly current: Buffer | undefined,
    old: readonly Buffer[] = [],
  ) {
    const all = current ? [current, ...old] : old;
    this.keys = new Map(all.map((key) => [keyId(key).toString('hex'), key]));
  }

  seal(value: unknown, place: Place): Buffer {
    if (!this.current)
      throw new KeyMissing('SECRETS_KEY is not set, so no secrets can be stored: set it to 32 random bytes.');
    const head = Buffer.concat([Buffer.of(layout), keyId(this.current)]);
    const nonce = randomBytes(nonceLength);
    const cipher = createCipheriv('aes-256-gcm', this.current, nonce).setAAD(bound(head, place));
    const text = Buffer.concat([cipher.update(JSON.stringify(value)), cipher.final()]);
    return Buffer.concat([head, nonce, cipher.getAuthTag(), text]);
  }

  open(sealed: Buffer, place: Place): unknown {
    if (sealed.length < leastLength || sealed[0] !== layout)
      throw new SealBroken(`What is sealed in ${nameOf(place)} has no known layout.`);
    const id = keyIdOf(sealed);
    const key = this.keys.get(id);
    if (!key) {
      throw new KeyMissing(
        `What is sealed in ${nameOf(place)} needs the key ${id}, which is neither SECRETS_KEY nor one of SECRETS_KEYS_OLD.`,
      );
    }
    const nonce = sealed.subarray(headLength, headLength + nonceLength);
    const tag = sealed.subarray(headLength + nonceLength, leastLength);
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagLength })
      .setAAD(bound(sealed.subarray(0, headLength), place))
      .setAuthTag(tag);
    try {
      const text = Buffer.concat([decipher.update(sealed.subarray(leastLength)), decipher.final()]);
      return JSON.parse(text.toString()) as unknown;
    } catch {
      throw new SealBroken(`What is sealed in ${nameOf(place)} was altered, or belongs to another row.`);
    }
  }

  /** Which key a sealed value needs. */
  keyFor(sealed: Buffer): 'current' | 'old' | 'missing' {
    const id = keyIdOf(sealed);
    if (this.current && keyId(this.current).toString('hex') === id) return 'current';
    return this.keys.has(id) ? 'old' : 'missing';
  }
}

/** Tells keys apart and nothing about them. */
const keyId = (key: Buffer): Buffer =>
  createHash('sha256').update('redress sealing key').update(key).digest().subarray(0, keyIdLength);

const keyIdOf = (sealed: Buffer): string => sealed.subarray(1, headLength).toString('hex');

const bound = (head: Buffer, { table, tenant, id }: Place): Buffer =>
  Buffer.concat([head, Buffer.from(JSON.stringify([table, tenant, id]))]);

const nameOf = ({ table, id }: Place): string => `${table} ${id}`;
