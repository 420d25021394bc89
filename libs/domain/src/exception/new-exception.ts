import type { Context } from '../change';
import { defined } from '../value/defined';
import { changeTo, type ExceptionChange } from './exception.change';
import type { ReconException } from './recon-exception';

type Required = 'transactionId' | 'reason' | 'severity' | 'dueAt';
type Optional = 'source' | 'occurredAt' | 'differences' | 'metadata' | 'reversalOf' | 'previous';

/** The fields that a new exception is given; `amount` is of the type that it is read to. */
type Fields = Pick<ReconException, Required> & {
  [F in Optional | 'amount']?: ReconException[F] | undefined;
};

/** An exception that is raised now, with its first event. */
export function newException(
  { transactionId, reason, severity, amount, source, occurredAt, dueAt, ...rest }: Fields,
  ctx: Context,
): ExceptionChange {
  const { differences, metadata, reversalOf, previous } = rest;
  const state: ReconException = defined({
    id: ctx.newId(),
    version: 1,
    status: 'OPEN' as const,
    transactionId,
    reason,
    severity,
    amount,
    source,
    occurredAt,
    dueAt,
    differences,
    metadata,
    reversalOf,
    previous,
    seenCount: 1,
    lastSeenAt: ctx.now,
    createdAt: ctx.now,
    updatedAt: ctx.now,
  });
  return changeTo(state, 'raise', undefined, ctx);
}
