import { createSecretKey } from 'node:crypto';
import { sign } from 'jsonwebtoken';

/** What every measurement is given. */
export type Setting = Readonly<{
  /** The compiled main file of the service. */
  service: string;
  /** Connects to the server as its superuser. */
  adminUrl: string;
  rounds: number;
  /** Rows of the large table that lists and exports are read from. */
  rows: number;
}>;

export const secret = 'a secret of the benchmark, of more than 32 bytes';
export const tenant = 'bench';

/** Good for everything measured here. */
export const tokenFor = (forTenant = tenant, moreScopes = ''): string =>
  sign(
    {
      sub: 'ana@example.com',
      tenantId: forTenant,
      scope: `exception:read exception:raise exception:resolve exception:assign ${moreScopes}`,
    },
    createSecretKey(secret, 'utf8'),
    { algorithm: 'HS256', expiresIn: '4h' },
  );

/** Ids that sort by their number, as a UUIDv7 sorts by its time. */
export const idAt = (n: number): string => `019b7c00-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;
