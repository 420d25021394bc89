import { createSecretKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { honestClaims, makeKeys, signToken } from '../../../../test/support/hostile-tokens';
import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { TokenGuard } from './auth.guard';
import type { Caller } from './caller';
import { JwtStrategy } from './jwt.strategy';
import { TokenReader } from './token-reader';

const { rsa, ec, ed } = makeKeys();
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const p521 = generateKeyPairSync('ec', { namedCurve: 'P-521' });
const short = generateKeyPairSync('rsa', { modulusLength: 1024 });
const secret = 'a secret that only the tests know';
const secretKey = createSecretKey(secret, 'utf8');
const claims = honestClaims({});
const mallory: Caller = {
  tenant: 'acme',
  actor: 'mallory',
  scopes: new Set(String(claims.scope).split(' ')),
};
const readers = new Map<KeyObject, TokenReader>();

/** What comes of a request with this token where this is the key of all tokens: its caller, or why it is refused. */
async function outcome(token: string, key: KeyObject): Promise<unknown> {
  const reader = readers.get(key) ?? new TokenReader(() => key);
  readers.set(key, reader);
  // Registers itself with passport in place of the one before.
  new JwtStrategy(reader);
  const request: { user?: Caller; headers: object; raw: object } = {
    headers: { authorization: `Bearer ${token}` },
    raw: { rawHeaders: [] },
  };
  const context = {
    getHandler: () => outcome,
    getClass: () => Object,
    switchToHttp: () => ({ getRequest: () => request, getResponse: () => ({}) }),
  } as unknown as ExecutionContext;
  try {
    await new TokenGuard(new Reflector(), reader).canActivate(context);
    return request.user;
  } catch (error) {
    return (error as Error).message;
  }
}

const notOneToken = 'The header Authorization is not Bearer and one signed JWT.';

/** [key kind, key to sign with, key to verify with, algorithms that fit it] */
const kinds: [string, KeyObject | string, KeyObject, string[]][] = [
  ['a secret', secret, secretKey, ['HS256']],
  ['RSA', rsa.privateKey, rsa.publicKey, ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']],
  ['P-256', ec.privateKey, ec.publicKey, ['ES256']],
  ['P-384', p384.privateKey, p384.publicKey, ['ES384']],
  ['P-521', p521.privateKey, p521.publicKey, ['ES512']],
  ['Ed25519', ed.privateKey, ed.publicKey, ['EdDSA']],
  ['short RSA', short.privateKey, short.publicKey, []],
];
const all = ['HS256', 'HS384', 'HS512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
all.push('ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519', 'none', '', 'constructor');

describe.each(kinds)('a token signed with %s', (kind, signing, verifying, fitting) => {
  // 1024 bits are too few for a PS512 signature, so there is nothing to refuse.
  it.each(all.filter((alg) => kind !== 'short RSA' || alg !== 'PS512'))('that says %j', async (alg) => {
    const verdict = fitting.includes(alg) ? mallory : 'The token is not signed for this service.';
    expect(await outcome(signToken({ alg }, claims, signing), verifying)).toEqual(verdict);
  });

  it('is refused by every other key', async () => {
    for (const [other, , key] of kinds) {
      if (other === kind) continue;
      for (const alg of all.slice(0, 6)) {
        expect(await outcome(signToken({ alg }, claims, signing), key)).toContain('not signed');
      }
    }
  });

  it('is refused with a part too many or one too few', async () => {
    for (const alg of fitting) {
      const token = signToken({ alg }, claims, signing);
      expect(await outcome(`${token}.`, verifying)).toBe(notOneToken);
      expect(await outcome(`${token}.x`, verifying)).toBe(notOneToken);
      expect(await outcome(token.slice(token.indexOf('.') + 1), verifying)).toBe(notOneToken);
    }
  });

  it('is refused with any character changed', async () => {
    const alg = fitting[0];
    if (alg === undefined) return;
    const token = signToken({ alg }, claims, signing);
    for (let at = 0; at < token.length; at++) {
      const other = token[at] === 'A' ? 'B' : 'A';
      const refusal = await outcome(token.slice(0, at) + other + token.slice(at + 1), verifying);
      expect(refusal).toContain(token[at] === '.' ? notOneToken : 'not signed');
    }
  });
});

it.each([
  ['PEM', rsa.publicKey.export({ type: 'spki', format: 'pem' })],
  ['DER', rsa.publicKey.export({ type: 'spki', format: 'der' })],
])('a public key as %s is never a secret', async (_, bytes) => {
  expect(await outcome(signToken({ alg: 'HS256' }, claims, bytes), rsa.publicKey)).toContain('not signed');
});

describe('a token that was good before', () => {
  const now = Math.floor(Date.now() / 1000);
  const soon = signToken({ alg: 'HS256' }, { ...claims, exp: now + 60 }, secret);

  beforeEach(async () => expect(await outcome(soon, secretKey)).toEqual(mallory));
  afterEach(() => jest.useRealTimers());

  it('is good again', async () => expect(await outcome(soon, secretKey)).toEqual(mallory));

  it('expires all the same', async () => {
    jest.useFakeTimers({ now: (now + 66) * 1000 });
    expect(await outcome(soon, secretKey)).toBe('The token has expired.');
  });

  it('is not good for another key, nor with another signature', async () => {
    const other = createSecretKey('another secret that only the tests know', 'utf8');
    expect(await outcome(soon, other)).toBe('The token is not signed for this service.');
    const forged = soon.slice(0, soon.lastIndexOf('.') + 1) + 'A'.repeat(43);
    expect(await outcome(forged, secretKey)).toBe('The token is not signed for this service.');
  });

  it('is still good when it was forgotten for others', async () => {
    for (let i = 0; i < 1001; i++)
      await outcome(signToken({ alg: 'HS256' }, { ...claims, jti: String(i) }, secret), secretKey);
    expect(await outcome(soon, secretKey)).toEqual(mallory);
  });
});
