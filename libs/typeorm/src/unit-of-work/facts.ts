import type { ApprovalPolicy, Dispatch, ExceptionFacts, Reply } from '@redress/domain';
import type { Row } from '../entities/entity-schemas';

/** What comes with an exception; what a tenant has laid down may be in a row of its own, which is `ofAll`. */
export function facts(row: Row, ofAll: Row = row): ExceptionFacts {
  const dispatches = (row['live_dispatches'] ?? []) as (Pick<Dispatch, 'id' | 'target'> & {
    externalReference: string | null;
  })[];
  const { approval_policy: approvalPolicy, reason_codes: reasonCodes } = ofAll;
  return {
    activeDisputes: (row['active_disputes'] ?? []) as ExceptionFacts['activeDisputes'],
    liveDispatches: dispatches.map(({ id, target, externalReference }) => ({
      id,
      target,
      ...(externalReference !== null && { externalReference }),
    })),
    ...(approvalPolicy ? { approvalPolicy: approvalPolicy as ApprovalPolicy } : {}),
    ...(reasonCodes ? { reasonCodes } : {}),
    ...(row['ledger'] === true && { ledger: true }),
    ...(row['comments_full'] === true && { commentsFull: true }),
  };
}

/** The reply to the key of a unit of work, which any of its look-ups brings along. */
export function replyIn(row: Row | undefined): Reply | undefined {
  if (!row) return undefined;
  const { reply_fingerprint: fingerprint, reply_answer: answer, reply_provisional_until: until } = row;
  // Prepared statements bring text, others a Date.
  const provisionalUntil = until instanceof Date ? until.toISOString() : (until as string | null);
  return {
    fingerprint: fingerprint as string,
    answer: answer as string,
    ...(provisionalUntil && { provisionalUntil }),
  };
}
