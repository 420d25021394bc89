import { createSecretKey } from 'node:crypto';
import { sign } from 'jsonwebtoken';

export type TokenRequest = Readonly<{
  secret: string;
  tenant: string;
  actor: string;
  scopes: readonly string[];
  expiresInSeconds: number;
  issuer?: string | undefined;
  audience?: string | undefined;
}>;

/** A token this service accepts, for trying it out and for tests. In earnest an identity provider issues them. */
export function mintToken({
  secret,
  tenant,
  actor,
  scopes,
  expiresInSeconds,
  issuer,
  audience,
}: TokenRequest): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    sub: actor,
    tenantId: tenant,
    scope: scopes.join(' '),
    iat: now,
    exp: now + expiresInSeconds,
    ...(issuer !== undefined && { iss: issuer }),
    ...(audience !== undefined && { aud: audience }),
  };
  return sign(claims, createSecretKey(secret, 'utf8'), { algorithm: 'HS256' });
}
