import { createSecretKey, KeyObject } from 'node:crypto';
import { decodeProtectedHeader, type ProtectedHeaderParameters } from 'jose';
import { RemoteKeys, type GetText } from './jwks';

export type KeyConfig = Readonly<{
  secret?: string | undefined;
  jwksUrl?: string | undefined;
  /** How the keys are got; directly unless given. */
  get?: GetText | undefined;
}>;

/** The key a token has to be signed with, or undefined when there is none for it. Always a KeyObject: see below. */
export type KeySource = (token: string) => KeyObject | undefined | Promise<KeyObject | undefined>;

/**
 * kind of key → the algorithms it verifies. The key decides, never the token: a public key is no HMAC secret
 * whatever the header says, and `none` is not in the table.
 */
const algorithms: Readonly<Record<string, readonly string[]>> = {
  secret: ['HS256'],
  rsa: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  prime256v1: ['ES256'],
  secp384r1: ['ES384'],
  secp521r1: ['ES512'],
  ed25519: ['EdDSA'],
};

/** RFC 7518: shorter RSA keys must not be used. */
const minRsaBits = 2048;

export function algorithmsOf(key: KeyObject): readonly string[] {
  return algorithms[kindOf(key)] ?? [];
}

function kindOf({ type, asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string {
  if (type === 'secret') return type;
  if (type === 'private') return 'none: a private key has no business here';
  if (asymmetricKeyType === 'ec') return asymmetricKeyDetails?.namedCurve ?? 'unnamed';
  if (asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) < minRsaBits)
    return 'short rsa';
  return asymmetricKeyType ?? 'unknown';
}

/**
 * HS256 with the secret, everything else with the keys published at the URL; either may be absent, not both.
 * Keys are KeyObjects, made once: from a string or a PEM they would be made anew for every token, which takes
 * 5 to 40 times as long as the verification itself.
 */
export function keySource({ secret, jwksUrl, get }: KeyConfig): KeySource {
  const shared = secret === undefined ? undefined : createSecretKey(secret, 'utf8');
  if (jwksUrl === undefined) {
    if (!shared) throw new Error('Tokens cannot be checked: set a secret or the URL of a JSON Web Key Set.');
    return () => shared;
  }
  const published = new RemoteKeys(new URL(jwksUrl), {}, get);
  return (token) => {
    const header = headerOf(token);
    if (header?.alg === 'HS256') return shared;
    return header && published.find(header);
  };
}

export function headerOf(token: string): ProtectedHeaderParameters | undefined {
  try {
    return decodeProtectedHeader(token);
  } catch {
    return undefined;
  }
}
