import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import type { Ciphertext, SecretOwner, Vault } from '@redress/domain/integrations';
import { CiphertextBroken, SecretsKeyMissing } from '../kit/secrets-errors';

/** Of secrets that are bound to their row alone, from before addresses were bound as well. */
const rowLayout = 1;
const layout = 2;
const keyIdLength = 8;
const nonceLength = 12;
const tagLength = 16;
const headLength = 1 + keyIdLength;
const minLength = headLength + nonceLength + tagLength;

/**
 * Encryption at rest with AES-256-GCM (NIST SP 800-38D). A ciphertext names its key, so that keys can be rotated: the
 * current key encrypts, the old ones still decrypt. Its bytes: layout, id of the key, nonce, tag, encrypted JSON. Layout,
 * key id and owner are authenticated with them.
 */
export class AesVault implements Vault {
  private readonly keys: ReadonlyMap<string, Buffer>;

  /** Keys are 32 bytes. Without a current one nothing can be encrypted. */
  constructor(
    private readonly current: Buffer | undefined,
    old: readonly Buffer[] = [],
  ) {
    const all = current ? [current, ...old] : old;
    this.keys = new Map(all.map((key) => [keyId(key).toString('hex'), key]));
  }

  encrypt(value: unknown, owner: SecretOwner): Ciphertext {
    if (!this.current)
      throw new SecretsKeyMissing(
        'SECRETS_KEY is not set, so no secrets can be stored: set it to 32 random bytes.',
      );
    const head = Buffer.concat([Buffer.of(layout), keyId(this.current)]);
    const nonce = randomBytes(nonceLength);
    const cipher = createCipheriv('aes-256-gcm', this.current, nonce).setAAD(authenticated(head, owner));
    const text = Buffer.concat([cipher.update(JSON.stringify(value)), cipher.final()]);
    return Buffer.concat([head, nonce, cipher.getAuthTag(), text]).toString('base64');
  }

  decrypt(ciphertext: Ciphertext, owner: SecretOwner): unknown {
    const bytes = Buffer.from(ciphertext, 'base64');
    if (bytes.length < minLength || (bytes[0] !== layout && bytes[0] !== rowLayout))
      throw new CiphertextBroken(`What is sealed in ${nameOf(owner)} has no known layout.`);
    const id = keyIdOf(bytes);
    const key = this.keys.get(id);
    if (!key) {
      throw new SecretsKeyMissing(
        `What is sealed in ${nameOf(owner)} needs the key ${id}, which is neither SECRETS_KEY nor one of SECRETS_KEYS_OLD.`,
      );
    }
    const nonce = bytes.subarray(headLength, headLength + nonceLength);
    const tag = bytes.subarray(headLength + nonceLength, minLength);
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagLength })
      .setAAD(authenticated(bytes.subarray(0, headLength), owner))
      .setAuthTag(tag);
    try {
      const text = Buffer.concat([decipher.update(bytes.subarray(minLength)), decipher.final()]);
      return JSON.parse(text.toString()) as unknown;
    } catch {
      throw new CiphertextBroken(
        `What is sealed in ${nameOf(owner)} was altered, or belongs to another row or address.`,
      );
    }
  }

  /** Which key a ciphertext needs. */
  keyFor(ciphertext: Ciphertext): 'current' | 'old' | 'missing' {
    const id = keyIdOf(Buffer.from(ciphertext, 'base64'));
    if (this.current && keyId(this.current).toString('hex') === id) return 'current';
    return this.keys.has(id) ? 'old' : 'missing';
  }
}

/** Identifies a key, and shows nothing of it. */
const keyId = (key: Buffer): Buffer =>
  createHash('sha256').update('redress sealing key').update(key).digest().subarray(0, keyIdLength);

const keyIdOf = (bytes: Buffer): string => bytes.subarray(1, headLength).toString('hex');

/** The layout is authenticated as well, so a bound ciphertext cannot be passed off as one of the earlier layout. */
const authenticated = (head: Buffer, { table, tenant, id, address }: SecretOwner): Buffer => {
  const owner = head[0] === rowLayout ? [table, tenant, id] : [table, tenant, id, address ?? null];
  return Buffer.concat([head, Buffer.from(JSON.stringify(owner))]);
};

const nameOf = ({ table, id }: SecretOwner): string => `${table} ${id}`;
