import { randomBytes } from 'node:crypto';
import { KeyMissing, SealBroken, SealingKeys, type Place } from './aes-vault';

const [key, other] = [randomBytes(32), randomBytes(32)];
const keys = new SealingKeys(key);
const place: Place = { table: 'connection', tenant: 'acme', id: '019c96a0-10d2-7134-ba5f-664142ee7052' };
const value = { own: { apiToken: 'canary-of-sealing' }, inbound: 'x' };

describe('sealing', () => {
  it('gives back what was sealed, and shows nothing of it', () => {
    const sealed = keys.seal(value, place);
    expect(keys.open(sealed, place)).toEqual(value);
    expect(sealed.includes('canary')).toBe(false);
    expect(sealed.includes(key)).toBe(false);
  });

  it('is never the same twice', () => {
    expect(keys.seal(value, place)).not.toEqual(keys.seal(value, place));
  });

  it('finds out whichever bit was altered', () => {
    const sealed = keys.seal(value, place);
    for (let i = 0; i < sealed.length; i++) {
      const altered = Buffer.from(sealed);
      altered[i]! ^= 1;
      // An altered key id names a key that nobody has.
      const isKeyId = i >= 1 && i < 9;
      expect(() => keys.open(altered, place)).toThrow(isKeyId ? KeyMissing : SealBroken);
    }
  });

  it('finds out what was cut short or made longer', () => {
    const sealed = keys.seal(value, place);
    for (let length = 0; length < sealed.length; length++)
      expect(() => keys.open(sealed.subarray(0, length), place)).toThrow(SealBroken);
    expect(() => keys.open(Buffer.concat([sealed, Buffer.of(0)]), place)).toThrow(SealBroken);
  });

  it.each([
    ['another tenant', { tenant: 'acme2' }],
    ['another row', { id: '019c96a0-10d2-7134-ba5f-664142ee7053' }],
    ['another table', { table: 'idempotency' }],
    ['parts that run into each other', { table: 'connectiona', tenant: 'cme' }],
  ])('does not open in the place of %s', (_, over) => {
    const sealed = keys.seal(value, place);
    expect(() => keys.open(sealed, { ...place, ...over })).toThrow('was altered, or belongs to another row');
  });

  it('does not open with another key, which it names', () => {
    const sealed = new SealingKeys(other).seal(value, place);
    expect(() => keys.open(sealed, place)).toThrow(KeyMissing);
    expect(() => keys.open(sealed, place)).toThrow(
      /^What is sealed in connection 019c96a0-10d2-7134-ba5f-664142ee7052 needs the key [0-9a-f]{16}, which is neither SECRETS_KEY nor one of SECRETS_KEYS_OLD\.$/,
    );
    expect(keys.keyFor(sealed)).toBe('missing');
  });

  it('opens with an old key, and seals with the current one', () => {
    const sealed = keys.seal(value, place);
    const rotated = new SealingKeys(other, [randomBytes(32), key]);
    expect(rotated.open(sealed, place)).toEqual(value);
    expect([keys.keyFor(sealed), rotated.keyFor(sealed)]).toEqual(['current', 'old']);
    const again = rotated.seal(value, place);
    expect(rotated.keyFor(again)).toBe('current');
    expect(() => keys.open(again, place)).toThrow(KeyMissing);
  });

  it('without a key seals nothing, says what to do, and opens with the old ones', () => {
    const sealed = keys.seal(value, place);
    const none = new SealingKeys(undefined);
    expect(() => none.seal(value, place)).toThrow(KeyMissing);
    expect(() => none.seal(value, place)).toThrow('SECRETS_KEY is not set');
    expect(() => none.open(sealed, place)).toThrow(KeyMissing);
    expect(new SealingKeys(undefined, [key]).open(sealed, place)).toEqual(value);
  });
});
