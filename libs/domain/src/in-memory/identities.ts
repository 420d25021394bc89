import { identityOf } from '../exception/identity';
import type { ReconException } from '../exception/recon-exception';
import type { Identity } from '../ports/stores';
import type { Tables } from './tables';

/** Every exception with one of these identities, resolved or not. */
export function withIdentities(t: Tables, identities: readonly Identity[]): readonly ReconException[] {
  const sought = new Set(identities.map(identityOf));
  return [...t.exceptions.values()].filter((known) => sought.has(identityOf(known)));
}

/** For each identity the unresolved exception, or else the one that was resolved last. */
export function latestOf(t: Tables, identities: readonly Identity[]): readonly ReconException[] {
  const latest = new Map<string, ReconException>();
  for (const one of withIdentities(t, identities)) {
    const other = latest.get(identityOf(one));
    if (!other || orderOf(one) > orderOf(other)) latest.set(identityOf(one), one);
  }
  return [...latest.values()];
}

/** The unresolved one comes after those that were resolved, and ids sort by time. */
const orderOf = ({ resolvedAt = '~', id }: ReconException): string => `${resolvedAt} ${id}`;
