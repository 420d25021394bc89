import { isReversalProposed } from '../resolution/proposal';
import type { Refusal } from '../refusal';
import type { ExceptionChange } from '../exception/exception.change';
import type { Comment } from '../comment/comment';
import type { LoadedDispatch, LoadedDispute, LoadedException, Transaction } from '../ports/stores';
import { identityOf } from '../exception/identity';

/** How a desk loads the thing that a command is about, and what it answers when there is none. */
type Target<L> = Readonly<{
  load: (tx: Transaction) => Promise<L | undefined>;
  missing: Refusal;
  version: (loaded: L) => number;
}>;

export const exceptionTarget = (id: string): Target<LoadedException> => ({
  load: (tx) => tx.exceptions.load(id),
  missing: { code: 'not_found', what: 'exception', id },
  version: ({ exception }) => exception.version,
});

/** The exception with the facts that a proposed reversal depends on. */
export const exceptionToDecide = (id: string): Target<LoadedException> => ({
  ...exceptionTarget(id),
  load: async (tx) => {
    const loaded = await tx.exceptions.load(id);
    return loaded && (await withUnresolved(tx, [loaded]))[0];
  },
});

export const disputeTarget = (id: string): Target<LoadedDispute> => ({
  load: (tx) => tx.disputes.load(id),
  missing: { code: 'not_found', what: 'dispute', id },
  version: ({ dispute }) => dispute.version,
});

export const commentTarget = (exceptionId: string, id: string): Target<Comment> => ({
  load: (tx) => tx.comments.load(exceptionId, id),
  missing: { code: 'not_found', what: 'comment', id },
  version: ({ version }) => version,
});

export const dispatchTarget = (id: string): Target<LoadedDispatch> => ({
  load: (tx) => tx.dispatches.load(id),
  missing: { code: 'not_found', what: 'dispatch', id },
  version: ({ dispatch }) => dispatch.version,
});

/** Adds the unresolved exception of the same identity to each exception whose reversal is proposed. */
export async function withUnresolved(
  tx: Transaction,
  loaded: readonly LoadedException[],
): Promise<readonly LoadedException[]> {
  const reversing = loaded.map(({ exception }) => exception).filter(isReversalProposed);
  if (!reversing.length) return loaded;
  const found = new Map((await tx.exceptions.unresolved(reversing)).map((one) => [identityOf(one), one]));
  return loaded.map(({ exception, facts }) => {
    const unresolved = isReversalProposed(exception) && found.get(identityOf(exception));
    return { exception, facts: { ...facts, ...(unresolved && { unresolved }) } };
  });
}

/** Saves a change, with the exception that an approved reversal opens again. */
export async function saveException(
  tx: Transaction,
  { reopened, ...change }: ExceptionChange,
): Promise<void> {
  await tx.exceptions.save(change);
  if (reopened) await tx.exceptions.save(reopened);
}
