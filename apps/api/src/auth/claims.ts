type Json = Readonly<Record<string, unknown>>;

/** What a token has to say about where it comes from and whom it is for; what is absent is not checked. */
export type Expected = Readonly<{
  issuer?: string | undefined;
  audience?: string | undefined;
  /** Seconds from `iat`, or from now where that is later or absent, to `exp`. */
  maxLifetime?: number | undefined;
}>;

/** Seconds by which the clock of the issuer and ours may differ. */
export const clockTolerance = 5;

/** The types an access token may claim to be. An issuer signs other things with the same key, logout tokens for one. */
const accessTokenTypes = new Set(['jwt', 'at+jwt']);

/**
 * Why a token whose signature is good still does not count, or undefined if it does. One reader for every
 * algorithm, because no library at hand verifies them all. `iat` in the future is let through: it says when a
 * token was made, `nbf` says from when it counts.
 */
export function claimsFlaw(
  header: Json,
  { exp, nbf, iat, iss, aud }: Json,
  { issuer, audience, maxLifetime = Infinity }: Expected,
  now: number,
): string | undefined {
  if (!isAccessToken(header.typ)) return 'The token is not an access token.';
  // RFC 7515: extensions a token calls critical have to be understood, and none is. `b64` is such an extension.
  if (header.crit !== undefined || header.b64 !== undefined) {
    return 'The token needs an extension that is not supported.';
  }

  if (exp === undefined) return 'The token never expires: the claim exp is missing.';
  if (!isDate(exp)) return 'The claim exp must be a number of seconds.';
  if (nbf !== undefined && !isDate(nbf)) return 'The claim nbf must be a number of seconds.';
  if (iat !== undefined && !isDate(iat)) return 'The claim iat must be a number of seconds.';
  if (now >= exp + clockTolerance) return 'The token has expired.';
  if (exp - Math.min(iat ?? now, now) > maxLifetime) return 'The token is valid for too long.';
  if (nbf !== undefined && nbf > now + clockTolerance) return 'The token is not valid yet.';

  if (issuer !== undefined && iss !== issuer) return 'The token comes from another issuer.';
  if (audience !== undefined && !(Array.isArray(aud) ? aud : [aud]).includes(audience)) {
    return 'The token is meant for another audience.';
  }
  return undefined;
}

function isAccessToken(typ: unknown): boolean {
  if (typ === undefined || typ === 'JWT') return true;
  return typeof typ === 'string' && accessTokenTypes.has(typ.toLowerCase().replace(/^application\//, ''));
}

/** JSON can spell numbers that no date has: 1e400 reads as infinity, which would never expire. */
function isDate(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
