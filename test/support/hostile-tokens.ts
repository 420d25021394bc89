import {
  constants,
  createHash,
  createHmac,
  generateKeyPairSync,
  sign as signBytes,
  type KeyObject,
} from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { scopes } from '../../apps/api/src/auth/scopes';

type KeyPair = Readonly<{ kid: string; publicKey: KeyObject; privateKey: KeyObject }>;
export type TestKeys = Readonly<{ rsa: KeyPair; ec: KeyPair; ed: KeyPair }>;

/** What the service under attack trusts: a secret, or else the published keys; and what it expects in `iss`, `aud`. */
export type Target = Readonly<{ secret?: string; keys: TestKeys; issuer?: string; audience?: string }>;

export type HostileToken = Readonly<{ name: string; headers: Readonly<Record<string, string | string[]>> }>;

type Json = Readonly<Record<string, unknown>>;

export function makeKeys(suffix = '1'): TestKeys {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ed = generateKeyPairSync('ed25519');
  return {
    rsa: { kid: `rsa-${suffix}`, ...rsa },
    ec: { kid: `ec-${suffix}`, ...ec },
    ed: { kid: `ed-${suffix}`, ...ed },
  };
}

export const jwksOf = ({ rsa, ec, ed }: TestKeys): { keys: Json[] } => ({
  keys: [rsa, ec, ed].map(({ kid, publicKey }) => ({
    kid,
    use: 'sig',
    ...publicKey.export({ format: 'jwk' }),
  })),
});

export const base64url = (text: string | Buffer): string => Buffer.from(text).toString('base64url');

/** Signs whatever it is given, as no library would. Header and payload are objects, or texts for what is not JSON. */
export function signToken(header: Json | string, payload: unknown, key: KeyObject | string | Buffer): string {
  const content = `${base64url(asText(header))}.${base64url(asText(payload))}`;
  return `${content}.${base64url(signature(content, key, typeof header === 'string' ? '' : String(header.alg)))}`;
}

const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

function signature(content: string, key: KeyObject | string | Buffer, alg: string): Buffer {
  const bytes = Buffer.from(content);
  if (typeof key === 'string' || Buffer.isBuffer(key))
    return createHmac(hashOf(alg), key).update(bytes).digest();
  if (key.asymmetricKeyType === 'ed25519') return signBytes(null, bytes, key);
  if (key.asymmetricKeyType === 'ec')
    return signBytes(hashOf(alg), bytes, { key, dsaEncoding: 'ieee-p1363' });
  if (!alg.startsWith('PS')) return signBytes(hashOf(alg), bytes, key);
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  return signBytes(hashOf(alg), bytes, { key, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST });
}

const hashOf = (alg: string): string => `sha${/(256|384|512)$/.exec(alg)?.[1] ?? '256'}`;

/** Claims that open every route. */
export function honestClaims({ issuer, audience }: Pick<Target, 'issuer' | 'audience'>): Json {
  const now = Math.floor(Date.now() / 1000);
  return {
    sub: 'mallory',
    tenantId: 'acme',
    scope: scopes.join(' '),
    iat: now,
    exp: now + 600,
    ...(issuer !== undefined && { iss: issuer }),
    ...(audience !== undefined && { aud: audience }),
  };
}

export const honestHeader = ({ secret, keys }: Target): Json =>
  secret === undefined ? { alg: 'RS256', typ: 'JWT', kid: keys.rsa.kid } : { alg: 'HS256', typ: 'JWT' };

const honestKey = ({ secret, keys }: Target): KeyObject | string => secret ?? keys.rsa.privateKey;

/** The control: every hostile token is this one with one thing wrong, so this one has to be let in. */
export const honestToken = (target: Target): string =>
  signToken(honestHeader(target), honestClaims(target), honestKey(target));

/**
 * Requests that every route has to answer with 401. Left out, because they are good tokens: `iat` in the future,
 * `exp` with a fraction, any `kid` beside a good HMAC, `aud` as a list with the right one in it, two spaces after
 * `Bearer` or `bearer` in lower case. Over a socket Node answers the two largest itself, with 431.
 */
export function hostileTokens(target: Target): readonly HostileToken[] {
  const { keys } = target;
  const stranger = makeKeys('stranger');
  const header = honestHeader(target);
  const claims = honestClaims(target);
  const honest = honestToken(target);
  const [head = '', body = '', seal = ''] = honest.split('.');
  const now = Number(claims.iat);

  const signed = (change: Json, headerChange: Json = {}): string =>
    signToken({ ...header, ...headerChange }, { ...claims, ...change }, honestKey(target));
  const without = (...names: string[]): string =>
    signToken(
      header,
      Object.fromEntries(Object.entries(claims).filter(([name]) => !names.includes(name))),
      honestKey(target),
    );
  const text = (payload: string, headerText = JSON.stringify(header)): string => {
    const content = `${base64url(headerText)}.${base64url(payload)}`;
    return `${content}.${base64url(signature(content, honestKey(target), String(header.alg)))}`;
  };
  const spelled = (name: string, lexeme: string): string =>
    text(`${JSON.stringify({ ...claims, [name]: undefined }).slice(0, -1)},"${name}":${lexeme}}`);
  const unsigned = (change: Json, end = ''): string =>
    `${base64url(JSON.stringify({ ...header, ...change }))}.${body}.${end}`;
  const forged = (alg: string, key: KeyObject | string | Buffer, more: Json = {}): string =>
    signToken({ alg, typ: 'JWT', ...more }, claims, key);

  const rsaPem = keys.rsa.publicKey.export({ type: 'spki', format: 'pem' });
  const rsaPkcs1 = keys.rsa.publicKey.export({ type: 'pkcs1', format: 'pem' });
  const rsaDer = keys.rsa.publicKey.export({ type: 'spki', format: 'der' });
  const rsaJwk = keys.rsa.publicKey.export({ format: 'jwk' });
  const strangerJwk = stranger.rsa.publicKey.export({ format: 'jwk' });
  const strangerPem = stranger.rsa.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  const { kid } = keys.rsa;

  const tokens: Record<string, string> = {
    // No key has signed it.
    'alg none': unsigned({ alg: 'none' }),
    'alg None': unsigned({ alg: 'None' }),
    'alg NONE': unsigned({ alg: 'NONE' }),
    'alg nOnE': unsigned({ alg: 'nOnE' }),
    'alg none with a signature': unsigned({ alg: 'none' }, seal),
    'alg none without the last dot': unsigned({ alg: 'none' }).slice(0, -1),
    'alg empty': unsigned({ alg: '' }, seal),
    'alg missing': unsigned({ alg: undefined }, seal),
    'alg null': unsigned({ alg: null }, seal),
    'alg a number': unsigned({ alg: 256 }, seal),
    'alg an array': unsigned({ alg: [header.alg] }, seal),
    'alg __proto__': unsigned({ alg: '__proto__' }, seal),
    'alg constructor': unsigned({ alg: 'constructor' }, seal),
    'signature empty': `${head}.${body}.`,
    'signature missing': `${head}.${body}`,
    'signature truncated': honest.slice(0, -4),
    'signature extended': `${honest}AAAA`,
    'signature of zeros': `${head}.${body}.${base64url(Buffer.alloc(Buffer.from(seal, 'base64url').length))}`,
    'signature of another payload': `${head}.${base64url(JSON.stringify({ ...claims, sub: 'root' }))}.${seal}`,
    'signature of another header': `${base64url(JSON.stringify({ ...header, x: 1 }))}.${body}.${seal}`,
    'signature not canonical': respelled(honest),
    'signature reversed': `${head}.${body}.${[...seal].reverse().join('')}`,
    'signature a digest without a key': `${head}.${body}.${createHash('sha256').update(`${head}.${body}`).digest('base64url')}`,

    // Another key has signed it, or the key is used as another kind.
    'HS256 with another secret': forged('HS256', 'another secret that is quite long enough'),
    'HS256 with an empty secret': forged('HS256', ''),
    'HS256 with a common secret': forged('HS256', 'secret'),
    'HS256 with the RSA public key as PEM': forged('HS256', rsaPem, { kid }),
    'HS256 with the RSA public key as PEM, trimmed': forged('HS256', String(rsaPem).trim(), { kid }),
    'HS256 with the RSA public key as PKCS1': forged('HS256', rsaPkcs1, { kid }),
    'HS256 with the RSA public key as DER': forged('HS256', rsaDer, { kid }),
    'HS256 with the RSA public key as JWK': forged('HS256', JSON.stringify(rsaJwk), { kid }),
    'HS256 with the RSA modulus': forged('HS256', Buffer.from(String(rsaJwk.n), 'base64url'), { kid }),
    'HS256 with the kid as secret': forged('HS256', kid, { kid }),
    'HS384 with the right secret': forged('HS384', target.secret ?? rsaPem, { kid }),
    'HS512 with the right secret': forged('HS512', target.secret ?? rsaPem, { kid }),
    'RS256 of a stranger': forged('RS256', stranger.rsa.privateKey, { kid }),
    'PS256 of a stranger': forged('PS256', stranger.rsa.privateKey, { kid }),
    'ES256 of a stranger': forged('ES256', stranger.ec.privateKey, { kid: keys.ec.kid }),
    'EdDSA of a stranger': forged('EdDSA', stranger.ed.privateKey, { kid: keys.ed.kid }),
    'RS256 of a stranger with a kid nobody knows': forged('RS256', stranger.rsa.privateKey, {
      kid: 'stranger',
    }),
    'RS256 with the kid of another kind of key': forged('RS256', keys.rsa.privateKey, { kid: keys.ec.kid }),
    'ES256 said, EdDSA done': forged('ES256', keys.ed.privateKey, { kid: keys.ed.kid }),
    'EdDSA said, ES256 done': forged('EdDSA', keys.ec.privateKey, { kid: keys.ec.kid }),
    'ES384 with a P-256 key': forged('ES384', keys.ec.privateKey, { kid: keys.ec.kid }),
    'ES256 of zeros': zeroSignature('ES256', keys.ec.kid, body),
    'EdDSA of zeros': zeroSignature('EdDSA', keys.ed.kid, body),
    'RS1, long broken': forged('RS1', keys.rsa.privateKey, { kid }),

    // The header says where to find the key.
    'kid a path': forged('HS256', '', { kid: '../../../../../../dev/null' }),
    'kid a path with a NUL': forged('HS256', '', { kid: '../../dev/null\u0000.pem' }),
    'kid SQL': forged('HS256', 'key', { kid: "x' UNION SELECT 'key'; --" }),
    'kid a command': forged('HS256', 'key', { kid: '| echo key' }),
    'kid a URL': forged('RS256', stranger.rsa.privateKey, { kid: 'http://127.0.0.1:9/jwks.json' }),
    'kid an array': forged('RS256', stranger.rsa.privateKey, { kid: [kid] }),
    'kid an object': forged('RS256', stranger.rsa.privateKey, { kid: { toString: kid } }),
    'kid null': forged('RS256', stranger.rsa.privateKey, { kid: null }),
    'kid __proto__': forged('HS256', '[object Object]', { kid: '__proto__' }),
    'kid constructor': forged('HS256', 'function Object() { [native code] }', { kid: 'constructor' }),
    'kid very long': forged('RS256', stranger.rsa.privateKey, { kid: 'k'.repeat(4000) }),
    'jku header': forged('RS256', stranger.rsa.privateKey, { kid, jku: 'http://127.0.0.1:9/jwks.json' }),
    'x5u header': forged('RS256', stranger.rsa.privateKey, { kid, x5u: 'http://127.0.0.1:9/cert.pem' }),
    'x5c header': forged('RS256', stranger.rsa.privateKey, { kid, x5c: [strangerPem] }),
    'jwk header': forged('RS256', stranger.rsa.privateKey, { kid, jwk: strangerJwk }),
    'jwk header, symmetric': forged('HS256', 'mine', { jwk: { kty: 'oct', k: base64url('mine') } }),

    // Signed well, but not to be understood.
    'crit naming an extension': signed({}, { crit: ['exp'], exp: now + 600 }),
    'crit empty': signed({}, { crit: [] }),
    'b64 false and critical': signed({}, { crit: ['b64'], b64: false }),
    'b64 false alone': signed({}, { b64: false }),
    'typ of a logout token': signed({}, { typ: 'logout+jwt' }),
    'typ of a DPoP proof': signed({}, { typ: 'dpop+jwt' }),
    'typ JWE': signed({}, { typ: 'JWE' }),
    'typ a number': signed({}, { typ: 1 }),
    'typ an array': signed({}, { typ: ['JWT'] }),
    'header not JSON': text(JSON.stringify(claims), 'alg=HS256'),
    'header an array': text(JSON.stringify(claims), JSON.stringify([header])),
    'header null': text(JSON.stringify(claims), 'null'),
    'header a text': text(JSON.stringify(claims), '"HS256"'),
    'header with alg twice': text(JSON.stringify(claims), twice(header, 'alg')),
    'header with alg none first': text(
      JSON.stringify(claims),
      `{"alg":"none",${JSON.stringify(header).slice(1)}`,
    ),
    'payload empty': `${head}..${seal}`,
    'payload not JSON': text('sub=mallory'),
    'payload an array': text(JSON.stringify([claims])),
    'payload null': text('null'),
    'payload a number': text('42'),
    'payload a text': text(JSON.stringify(JSON.stringify(claims))),
    'payload a text within the JSON, exp twice': text(JSON.stringify(twice(claims, 'exp'))),
    'payload with exp twice': text(twice(claims, 'exp')),
    'payload with tenantId twice': text(`{"tenantId":"victim",${JSON.stringify(claims).slice(1)}`),
    'payload with a polluting __proto__': text(
      `{"__proto__":{"admin":true},${JSON.stringify(claims).slice(1)}`,
    ),
    'payload only inherited': text(`{"__proto__":${JSON.stringify(claims)}}`),
    'payload with a byte order mark': text(`\ufeff${JSON.stringify(claims)}`),
    'payload nested deeply': spelled('x', `${'['.repeat(500)}${']'.repeat(500)}`),

    // Out of time.
    'exp missing': without('exp'),
    'exp past': signed({ exp: now - 60 }),
    'exp past, with a fraction': signed({ exp: now - 60.5 }),
    'exp zero': signed({ exp: 0 }),
    'exp negative': signed({ exp: -1 }),
    'exp a text': signed({ exp: String(now + 600) }),
    'exp null': signed({ exp: null }),
    'exp true': signed({ exp: true }),
    'exp an array': signed({ exp: [now + 600] }),
    'exp an object': signed({ exp: { valueOf: now + 600 } }),
    'exp NaN': spelled('exp', 'NaN'),
    'exp Infinity': spelled('exp', 'Infinity'),
    'exp 1e400': spelled('exp', '1e400'),
    'nbf in the future': signed({ nbf: now + 3600 }),
    'nbf a text': signed({ nbf: String(now - 60) }),
    'nbf null': signed({ nbf: null }),
    'nbf -1e400': spelled('nbf', '-1e400'),
    'iat a text': signed({ iat: 'yesterday' }),

    // Without a person, or without a tenant.
    'sub missing': without('sub'),
    'sub empty': signed({ sub: '' }),
    'sub blank': signed({ sub: ' \t\u00a0' }),
    'sub null': signed({ sub: null }),
    'sub a number': signed({ sub: 42 }),
    'sub an array': signed({ sub: ['mallory'] }),
    'sub an object': signed({ sub: { name: 'mallory' } }),
    'sub too long': signed({ sub: 's'.repeat(256) }),
    'sub with U+0000': signed({ sub: 'mal\u0000lory' }),
    'sub with half a surrogate pair': spelled('sub', '"mal\\ud800lory"'),
    'tenant missing': without('tenantId'),
    'tenant empty': signed({ tenantId: '' }),
    'tenant blank': signed({ tenantId: ' ' }),
    'tenant null': signed({ tenantId: null }),
    'tenant null, the other good': signed({ tenantId: null, tenant_id: 'acme' }),
    'tenant a number': signed({ tenantId: 1 }),
    'tenant an array': signed({ tenantId: ['acme'] }),
    'tenant an array twice': signed({ tenantId: ['acme'], tenant_id: ['acme'] }),
    'tenant an object': signed({ tenantId: { eq: 'acme' } }),
    'tenant too long': signed({ tenantId: 't'.repeat(129) }),
    'tenant a wildcard': signed({ tenantId: '%' }),
    'tenant SQL': signed({ tenantId: "acme' OR '1'='1" }),
    'tenant with a line feed': signed({ tenantId: 'acme\n' }),
    'tenant with a letter that looks the same': signed({ tenantId: '\u0430cme' }),
    'tenants differ': signed({ tenant_id: 'victim' }),
    'tenants differ in case': signed({ tenant_id: 'ACME' }),
    'scope a number': signed({ scope: 7 }),
    'scope an array': signed({ scope: ['exception:read'] }),
    'scope null': signed({ scope: null }),
    'permissions a text': signed({ permissions: 'exception:read' }),
    'permissions of numbers': signed({ permissions: [1] }),
    'permissions an object': signed({ permissions: { 0: 'exception:read' } }),

    // Misshapen.
    'four parts': `${honest}.${seal}`,
    'a dot first': `.${honest}`,
    'a dot last': `${honest}.`,
    'only dots': '..',
    'one part': 'token',
    'a JWE': [head, 'key', 'iv', body, 'tag'].map((part) => base64url(part)).join('.'),
    'padded base64': honest.split('.').map(padded).join('.'),
    'base64 instead of base64url': forged('HS256', 'x').replace(/\.[^.]*$/, '.+/+/+/+/'),
    'a space inside': `${head}. ${body}.${seal}`,
    'a comma at the end': `${honest},`,
    'a semicolon at the end': `${honest};`,
    'in quotes': `"${honest}"`,
    'letters outside ASCII': `${head}.${body}.\u00e9${seal.slice(1)}`,
    'percent-encoded dots': honest.replaceAll('.', '%2E'),
    'the word null': 'null',
    'the word undefined': 'undefined',
    'JSON serialization': JSON.stringify({ protected: head, payload: body, signature: seal }),
    'signed well, but 9 kB': signed({ x: 'x'.repeat(9000) }),
    'signed well, but 64 kB': signed({ x: 'x'.repeat(64 * 1024) }),
    '64 kB of letters': 'a'.repeat(64 * 1024),

    ...(target.issuer !== undefined && {
      'iss missing': without('iss'),
      'iss another': signed({ iss: 'https://issuer.invalid' }),
      'iss with a slash more': signed({ iss: `${target.issuer}/` }),
      'iss a prefix': signed({ iss: target.issuer.slice(0, -1) }),
      'iss in capitals': signed({ iss: target.issuer.toUpperCase() }),
      'iss an array': signed({ iss: [target.issuer] }),
      'iss null': signed({ iss: null }),
    }),
    ...(target.audience !== undefined && {
      'aud missing': without('aud'),
      'aud another': signed({ aud: 'another-service' }),
      'aud empty': signed({ aud: '' }),
      'aud a list without us': signed({ aud: ['one', 'two'] }),
      'aud an empty list': signed({ aud: [] }),
      'aud a list in a list': signed({ aud: [[target.audience]] }),
      'aud an object': signed({ aud: { [target.audience]: true } }),
      'aud a longer name': signed({ aud: `${target.audience}-2` }),
      'aud null': signed({ aud: null }),
    }),
  };

  const headers: Record<string, IncomingHttpHeaders['set-cookie'] | string | undefined> = {
    'no header': undefined,
    'an empty header': '',
    'the scheme alone': 'Bearer',
    'the scheme and a space': 'Bearer ',
    'no scheme': honest,
    'no space': `Bearer${honest}`,
    'a colon': `Bearer: ${honest}`,
    'a tab': `Bearer\t${honest}`,
    'a space that does not break': `Bearer\u00a0${honest}`,
    'the scheme twice': `Bearer Bearer ${honest}`,
    'another scheme first': `Basic Bearer ${honest}`,
    Basic: `Basic ${Buffer.from('admin:admin').toString('base64')}`,
    'Basic with the token': `Basic ${honest}`,
    'JWT as scheme': `JWT ${honest}`,
    'DPoP as scheme': `DPoP ${honest}`,
    Digest: 'Digest username="admin"',
    'a second word': `Bearer ${honest} ${honest}`,
    'a list with a comma': `Bearer ${honest}, Bearer ${honest}`,
    'a list of schemes': `Bearer ${honest}, Basic YTpi`,
    'a parameter': `Bearer token="${honest}"`,
    'two headers, both good': [`Bearer ${honest}`, `Bearer ${honest}`],
    'two headers, the first good': [`Bearer ${honest}`, 'Basic YTpi'],
    'two headers, the second good': ['Basic YTpi', `Bearer ${honest}`],
  };

  return [
    ...Object.entries(tokens).map(([name, token]) => ({
      name,
      headers: { authorization: `Bearer ${token}` },
    })),
    ...Object.entries(headers).map(([name, value]) => ({
      name: `header: ${name}`,
      headers: value === undefined ? {} : { authorization: value },
    })),
    {
      name: 'the token in another header',
      headers: { 'x-authorization': `Bearer ${honest}`, 'proxy-authorization': `Bearer ${honest}` },
    },
    {
      name: 'the token in a cookie',
      headers: { cookie: `jwt=${honest}; token=${honest}; authorization=Bearer ${honest}` },
    },
  ];
}

const twice = (members: Json, name: string): string =>
  `${JSON.stringify(members).slice(0, -1)},${JSON.stringify(name)}:${JSON.stringify(members[name])}}`;

const padded = (part: string): string => part + '='.repeat((4 - (part.length % 4)) % 4 || 4);

const zeroSignature = (alg: string, kid: string, body: string): string =>
  `${base64url(JSON.stringify({ alg, typ: 'JWT', kid }))}.${body}.${base64url(Buffer.alloc(64))}`;

/** The same bytes in other letters: base64 leaves some bits of the last one unused. */
function respelled(token: string): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return token.slice(0, -1) + letters.charAt(letters.indexOf(token.slice(-1)) + 1);
}
