import { textKey } from '../value/text';
import type { ReconException } from './recon-exception';

/** The identity of an exception of a tenant, as one text: two unresolved ones never have the same. */
export const identityOf = ({
  transactionId,
  reason,
}: Pick<ReconException, 'transactionId' | 'reason'>): string =>
  `${transactionId.toLowerCase()} ${textKey(reason)}`;
