import { isReversalProposed } from '../resolution/proposal';
import type { Refusal } from '../refusal';
import type { DispatchChange, DispatchWithException } from '../outcome/decide-outcome';
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

/** A dispatch with all that its outcome depends on. */
export type DispatchToDecide = LoadedDispatch & Pick<DispatchWithException, 'reopened'>;

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

/** The dispatch; that of a reversal with the exception that the reversal opened, which its outcome changes as well. */
export async function loadDispatch(
  tx: Pick<Transaction, 'dispatches' | 'exceptions'>,
  id: string,
): Promise<DispatchToDecide | undefined> {
  const loaded = await tx.dispatches.load(id);
  const posting = loaded?.dispatch.posting;
  if (!loaded || posting?.type !== 'reversal' || posting.reopenedAs === undefined) return loaded;
  const reopened = (await tx.exceptions.load(posting.reopenedAs))?.exception;
  return { ...loaded, ...(reopened && { reopened }) };
}

export const dispatchTarget = (id: string): Target<DispatchToDecide> => ({
  load: (tx) => loadDispatch(tx, id),
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

/** Saves what became of a dispatch, with both exceptions that it changes where it is the posting of a reversal. */
export async function saveDispatch(
  tx: Pick<Transaction, 'dispatches' | 'exceptions'>,
  { exception, ...change }: DispatchChange,
): Promise<void> {
  const { reopened, ...changed } = exception ?? {};
  await tx.dispatches.save({ ...change, ...(exception && { exception: changed as ExceptionChange }) });
  if (reopened) await tx.exceptions.save(reopened);
}
