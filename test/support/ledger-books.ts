import type { Adjustment, Dispatch, Posting } from '@redress/domain';
import { sentences, type Books } from './books';

export type Entry = Readonly<{ id: string; posting: Posting }>;

/** What is wrong between the books here and those of a ledger. A posting without an answer may be there or not. */
export function ledgerFlaws(
  books: Books,
  postings: readonly Dispatch[],
  entries: readonly Entry[],
): string[] {
  const asked = new Map(postings.map(({ id, posting }) => [id, posting]));
  const booked = new Set(entries.map(({ id }) => id));
  return [
    ...sentences('the ledger', {
      'has an id twice': booked.size !== entries.length,
      'has booked the same more than once': new Set(entries.map(subject)).size !== entries.length,
    }),
    ...entries.flatMap(({ id, posting }) =>
      sentences(`entry ${id}`, {
        'is of nothing that is known here': !asked.has(id),
        'says something else than it was asked': gist(posting) !== gist(asked.get(id)),
      }),
    ),
    ...postings.flatMap((posting) =>
      (posting.posting?.type === 'reversal' ? reversalFlaws : resolutionFlaws)(posting, books, booked),
    ),
    ...postings.flatMap(({ id, state }) =>
      sentences(`posting ${id}, ${state},`, {
        'is to be seen to by nobody': (state === 'RESERVED' || state === 'SENDING') && !books.alarms.has(id),
      }),
    ),
  ];
}

/** What is booked once: what resolves an exception, and what takes that back. */
const subject = ({ posting }: Entry): string =>
  posting.type === 'reversal' ? posting.reverses : posting.exceptionId;

/** It took effect once the ledger had it, and never otherwise; while that is unknown, the exception waits. */
function resolutionFlaws(
  { id, exceptionId, state, posting }: Dispatch,
  books: Books,
  booked: ReadonlySet<string>,
) {
  const row = books.adjustments.find((one) => one.id === id);
  const match = books.matches.find((one) => one.id === id);
  const names = posting?.type === 'forced_match' && posting.counterparts !== undefined;
  const exception = books.exceptions.find((one) => one.id === exceptionId);
  const resolved = books.history.filter(
    ({ changes }) =>
      changes['status']?.to === 'RESOLVED' &&
      postingOf(changes['proposal']?.from as object | undefined) === id,
  );
  const [isDone, isOver] = [state === 'CONFIRMED', state === 'FAILED'];
  return sentences(`posting ${id}, ${state},`, {
    'is not in the ledger': isDone && !booked.has(id),
    'is in the ledger, and was given back': isOver && booked.has(id),
    'has not resolved what it is about once': resolved.length !== Number(isDone),
    'is not waited for': !isDone && !isOver && exception?.proposal?.postingId !== id,
    'is waited for': (isDone || isOver) && exception?.proposal?.postingId === id,
    'has not the one row': (row !== undefined) !== (isDone && posting?.type === 'adjustment'),
    'has not the one row of what it matches': (match !== undefined) !== (isDone && names),
    'has another row': row && gist(row) !== gist(posting),
  });
}

const postingOf = (proposal: { postingId?: string } = {}): string | undefined => proposal.postingId;

/** What is taken back here is taken back, whatever the ledger says; until the ledger has it, both exceptions say so. */
function reversalFlaws(
  { id, exceptionId, state, posting }: Dispatch,
  books: Books,
  booked: ReadonlySet<string>,
) {
  const row = books.adjustments.find((one) => one.id === id);
  const reopenedAs = posting?.type === 'reversal' ? posting.reopenedAs : undefined;
  const about = books.exceptions.filter((one) => one.id === exceptionId || one.id === reopenedAs);
  const saying = books.exceptions.filter((one) => one.ledgerMismatches?.includes(id));
  return sentences(`reversal ${id}, ${state},`, {
    'is not in the ledger': state === 'CONFIRMED' && !booked.has(id),
    'has failed, which nothing booked here can': state === 'FAILED',
    'is missing there, and not all its exceptions say so': state === 'DEAD' && saying.length < about.length,
    'is booked there, and an exception says that it is not': state === 'CONFIRMED' && saying.length > 0,
    'is told by an exception that it is not about': saying.some((one) => !about.includes(one)),
    'has not its row': gist(row) !== gist(posting),
  });
}

type Said = Partial<Pick<Adjustment, 'exceptionId' | 'amount' | 'direction' | 'reverses'>>;

const gist = (said: Posting | Adjustment | undefined): string => {
  const { exceptionId, amount, direction, reverses }: Said = said ?? {};
  return [exceptionId, amount?.amount, amount?.currency, direction, reverses].join(' ');
};
