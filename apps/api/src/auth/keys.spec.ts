import { createSecretKey, generateKeyPairSync } from 'node:crypto';
import { algorithmsOf, keySource } from './keys';

const rsa = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength });
const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).publicKey;

describe('the algorithms of a key', () => {
  it.each([
    ['a secret', createSecretKey('x'.repeat(32), 'utf8'), ['HS256']],
    ['RSA', rsa(2048).publicKey, ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']],
    ['short RSA', rsa(1024).publicKey, []],
    ['private RSA', rsa(2048).privateKey, []],
    ['P-256', ec('P-256'), ['ES256']],
    ['P-384', ec('P-384'), ['ES384']],
    ['P-521', ec('P-521'), ['ES512']],
    ['secp256k1', ec('secp256k1'), []],
    ['Ed25519', generateKeyPairSync('ed25519').publicKey, ['EdDSA']],
    ['Ed448', generateKeyPairSync('ed448').publicKey, []],
    ['X25519', generateKeyPairSync('x25519').publicKey, []],
    ['private Ed25519', generateKeyPairSync('ed25519').privateKey, []],
  ])('of %s', (_, key, algorithms) => expect(algorithmsOf(key)).toEqual(algorithms));
});

describe('the source of keys', () => {
  it('is not made of nothing', () => expect(() => keySource({})).toThrow('Tokens cannot be checked'));

  it('is one KeyObject for a secret, whatever the token', () => {
    const keyOf = keySource({ secret: 'x'.repeat(32) });
    expect(keyOf('a.b.c')).toBe(keyOf('nonsense'));
  });

  it.each(['nonsense', 'bm9uc2Vuc2U.e30.x', 'bnVsbA.e30.x', ''])('asks no issuer about %j', (token) => {
    expect(keySource({ jwksUrl: 'http://127.0.0.1:9' })(token)).toBeUndefined();
  });

  it('never looks a symmetric key up', () => {
    const token = `${Buffer.from('{"alg":"HS256"}').toString('base64url')}.e30.x`;
    expect(keySource({ jwksUrl: 'http://127.0.0.1:9' })(token)).toBeUndefined();
  });
});
