import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import type { SecretOwner } from '@redress/domain/integrations';
import { CiphertextBroken, SecretsKeyMissing } from '../kit/secrets-errors';
import { AesVault } from './aes-vault';

const [key, other] = [randomBytes(32), randomBytes(32)];
const vault = new AesVault(key);
const owner: SecretOwner = {
  table: 'connection',
  tenant: 'acme',
  id: '019c96a0-10d2-7134-ba5f-664142ee7052',
  address: 'https://acme.atlassian.net',
};
const value = { own: { apiToken: 'canary-of-sealing' }, inbound: 'x' };

const bytesOf = (ciphertext: string): Buffer => Buffer.from(ciphertext, 'base64');
const textOf = (bytes: Buffer): string => bytes.toString('base64');

/** As the first version of the vault sealed it. */
function sealedForItsRow(): string {
  const keyId = createHash('sha256').update('redress sealing key').update(key).digest().subarray(0, 8);
  const head = Buffer.concat([Buffer.of(1), keyId]);
  const nonce = randomBytes(12);
  const row = JSON.stringify([owner.table, owner.tenant, owner.id]);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.concat([head, Buffer.from(row)]));
  const text = Buffer.concat([cipher.update(JSON.stringify(value)), cipher.final()]);
  return textOf(Buffer.concat([head, nonce, cipher.getAuthTag(), text]));
}

describe('encryption at rest', () => {
  it('gives back what was sealed, and shows nothing of it', () => {
    const sealed = vault.encrypt(value, owner);
    expect(vault.decrypt(sealed, owner)).toEqual(value);
    const bytes = bytesOf(sealed);
    expect(bytes.includes('canary')).toBe(false);
    expect(bytes.includes(key)).toBe(false);
  });

  it('is never the same twice', () => {
    expect(vault.encrypt(value, owner)).not.toEqual(vault.encrypt(value, owner));
  });

  it('finds out whichever bit was altered', () => {
    const sealed = bytesOf(vault.encrypt(value, owner));
    for (let i = 0; i < sealed.length; i++) {
      const altered = Buffer.from(sealed);
      altered[i]! ^= 1;
      // An altered key id names a key that does not exist.
      const isKeyId = i >= 1 && i < 9;
      expect(() => vault.decrypt(textOf(altered), owner)).toThrow(
        isKeyId ? SecretsKeyMissing : CiphertextBroken,
      );
    }
  });

  it('finds out what was cut short or made longer', () => {
    const sealed = bytesOf(vault.encrypt(value, owner));
    for (let length = 0; length < sealed.length; length++)
      expect(() => vault.decrypt(textOf(sealed.subarray(0, length)), owner)).toThrow(CiphertextBroken);
    expect(() => vault.decrypt(textOf(Buffer.concat([sealed, Buffer.of(0)])), owner)).toThrow(
      CiphertextBroken,
    );
  });

  it.each([
    ['another tenant', { tenant: 'acme2' }],
    ['another row', { id: '019c96a0-10d2-7134-ba5f-664142ee7053' }],
    ['another table', { table: 'idempotency' }],
    ['another address', { address: 'https://evil.example' }],
    ['no address', { address: undefined }],
    ['parts that run into each other', { table: 'connectiona', tenant: 'cme' }],
  ])('does not open in the place of %s', (_, over) => {
    const sealed = vault.encrypt(value, owner);
    expect(() => vault.decrypt(sealed, { ...owner, ...over } as SecretOwner)).toThrow(
      'was altered, or belongs to another row or address',
    );
  });

  it('opens what was sealed before addresses were bound, which the next seal binds', () => {
    const sealed = sealedForItsRow();
    expect(vault.decrypt(sealed, owner)).toEqual(value);
    expect(() => vault.decrypt(sealed, { ...owner, id: 'another' })).toThrow(CiphertextBroken);
    expect(bytesOf(vault.encrypt(value, owner))[0]).not.toBe(bytesOf(sealed)[0]);
  });

  it('does not open as one of the earlier layout, which had no address', () => {
    const bound = bytesOf(vault.encrypt(value, owner));
    bound[0] = bytesOf(sealedForItsRow())[0]!;
    expect(() => vault.decrypt(textOf(bound), { ...owner, address: 'https://evil.example' })).toThrow(
      CiphertextBroken,
    );
  });

  it('does not open with another key, which it names', () => {
    const sealed = new AesVault(other).encrypt(value, owner);
    expect(() => vault.decrypt(sealed, owner)).toThrow(SecretsKeyMissing);
    expect(() => vault.decrypt(sealed, owner)).toThrow(
      /^What is sealed in connection 019c96a0-10d2-7134-ba5f-664142ee7052 needs the key [0-9a-f]{16}, which is neither SECRETS_KEY nor one of SECRETS_KEYS_OLD\.$/,
    );
    expect(vault.keyFor(sealed)).toBe('missing');
  });

  it('opens with an old key, and seals with the current one', () => {
    const sealed = vault.encrypt(value, owner);
    const rotated = new AesVault(other, [randomBytes(32), key]);
    expect(rotated.decrypt(sealed, owner)).toEqual(value);
    expect([vault.keyFor(sealed), rotated.keyFor(sealed)]).toEqual(['current', 'old']);
    const again = rotated.encrypt(value, owner);
    expect(rotated.keyFor(again)).toBe('current');
    expect(() => vault.decrypt(again, owner)).toThrow(SecretsKeyMissing);
  });

  it('without a key seals nothing, says what to do, and opens with the old ones', () => {
    const sealed = vault.encrypt(value, owner);
    const none = new AesVault(undefined);
    expect(() => none.encrypt(value, owner)).toThrow(SecretsKeyMissing);
    expect(() => none.encrypt(value, owner)).toThrow('SECRETS_KEY is not set');
    expect(() => none.decrypt(sealed, owner)).toThrow(SecretsKeyMissing);
    expect(new AesVault(undefined, [key]).decrypt(sealed, owner)).toEqual(value);
  });
});
