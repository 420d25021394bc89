import type {
  Adjustment,
  ApprovalRule,
  ForcedMatch,
  HistoryEvent,
  Money,
  ReconException,
} from '@redress/domain';

export type Match = Pick<ForcedMatch, 'id' | 'exceptionId' | 'counterparts' | 'residuals'>;

/** All that is kept about the exceptions of a tenant. */
export type Books = Readonly<{
  exceptions: readonly ReconException[];
  history: readonly HistoryEvent[];
  adjustments: readonly Adjustment[];
  matches: readonly Match[];
  /** The ids of what has an alarm, at which it is looked at again. */
  alarms: ReadonlySet<string>;
  /** By the id of an event, what took approval when it came to be. */
  rules: ReadonlyMap<string, readonly ApprovalRule[]>;
}>;

/** What is wrong with the books, as sentences: written from what was promised, without a look at how it is kept. */
export const flawsOf = (books: Books): string[] => [
  ...books.exceptions.flatMap((exception) => resolutionFlaws(exception, books)),
  ...books.exceptions.flatMap((exception) => approvalFlaws(exception, books)),
  ...books.exceptions.flatMap((exception) => evasionFlaws(exception, books)),
  ...postingFlaws(books),
  ...reversalFlaws(books),
];

const linesOf = ({ history }: Books, { id }: ReconException) =>
  history.filter(({ exceptionId }) => exceptionId === id);

const statusAfter = ({ changes }: HistoryEvent): unknown => changes['status']?.to;

/** Resolved once or not at all, for ever; and nothing waits without an alarm. */
function resolutionFlaws(exception: ReconException, books: Books): string[] {
  const { id, status, version, resolutionType, pending, proposal, flaggedAt } = exception;
  const lines = linesOf(books, exception);
  const resolved = lines.findIndex((line) => statusAfter(line) === 'RESOLVED');
  const after = resolved < 0 ? [] : lines.slice(resolved + 1);
  const lastStatusChange = lines.filter((line) => statusAfter(line) !== undefined).at(-1);
  const versions = lines.filter((line) => line.disputeId === undefined).map((line) => line.version);
  const matched = books.matches.filter((row) => row.exceptionId === id);
  const posted = books.adjustments.filter((row) => row.exceptionId === id && row.reverses === undefined);
  // What is resolved stays so while the reversal of its adjustment awaits approval.
  const isReversing =
    status === 'RESOLVED' && pending === 'approval' && proposal?.resolution.type === 'reverse';
  const waits = status === 'PENDING_RESOLUTION' || isReversing;
  return sentences(`exception ${id}`, {
    'is not in the status that its history tells of': statusAfter(lastStatusChange!) !== status,
    'is at another version than its history': Math.max(...versions) !== version,
    'changed its status after it was resolved': after.some((line) => statusAfter(line) !== undefined),
    'has not the one posting of its resolution':
      posted.length !== Number(status === 'RESOLVED' && resolutionType === 'ADJUST_ENTRY'),
    'was matched by other than its resolution':
      matched.length > Number(status === 'RESOLVED' && resolutionType === 'FORCE_MATCH'),
    'waits for nobody': waits !== (pending !== undefined),
    'kept a proposal that is over': proposal !== undefined && !waits,
    'waits, and no alarm is set': waits && !isWatched(exception, books),
    'is flagged, and waits for nothing': flaggedAt !== undefined && !waits,
  });
}

const isWatched = ({ id, flaggedAt }: ReconException, { alarms }: Books): boolean =>
  flaggedAt !== undefined || alarms.has(id);

type Proposed = Readonly<{ proposedBy: string; approvalsNeeded?: number }>;

/** The proposer does not approve, no person approves twice, and it takes effect with enough approvals. */
function approvalFlaws(exception: ReconException, books: Books): string[] {
  let proposal: Proposed | undefined;
  let approved: string[] = [];
  return linesOf(books, exception).flatMap(({ type, actor, changes }) => {
    const [before, waited, waits] = [
      changes['status']?.from,
      changes['pending']?.from,
      changes['pending']?.to,
    ];
    if (type === 'exception.resolution_proposed' || type === 'exception.reversal_proposed') {
      proposal = changes['proposal']?.to as unknown as Proposed;
      approved = [];
    } else if (before !== undefined && before !== 'PENDING_RESOLUTION') proposal = undefined;
    const settles = type === 'exception.confirmed' || type === 'exception.adjustment_reversed';
    const isConfirmed = settles && waited !== undefined && proposal !== undefined;
    // A report of what the ledger, or another external system, has done is no approval.
    if (type === 'exception.approval_given' || (isConfirmed && waited === 'approval')) approved.push(actor);
    const takesEffect = isConfirmed || waits === 'ledger';
    return sentences(`the proposal for ${exception.id}`, {
      'was approved by who made it': approved.includes(proposal?.proposedBy ?? ''),
      'was approved twice by one': new Set(approved).size !== approved.length,
      'took effect with fewer than it takes':
        takesEffect && approved.length < (proposal?.approvalsNeeded ?? 0),
    });
  });
}

type Stake = Money | undefined;

/** Whether a rule is about any of these amounts. One that is not known may be any; a foreign one is never cheaper. */
function fits(rule: ApprovalRule, amounts: readonly Stake[], rules: readonly ApprovalRule[]): boolean {
  const named = new Set(rules.flatMap(({ command, currency }) => (command === rule.command ? currency : [])));
  return amounts.some((at) => {
    if (!at) return true;
    const isForeign = rule.currency !== undefined && !named.has(at.currency);
    if (isForeign) return true;
    const isIts = rule.currency === undefined || rule.currency === at.currency;
    return isIts && Math.abs(Number(at.amount)) >= Number(rule.minimumAmount ?? 0);
  });
}

/** Nothing is resolved or posted by one person where a rule asks for more, whatever way it came. */
function evasionFlaws(exception: ReconException, books: Books): string[] {
  const { amount, id } = exception;
  return linesOf(books, exception).flatMap((line) => {
    const { type, changes, data } = line;
    const adjustment = data?.['adjustment'] as Adjustment | undefined;
    const named = (data?.['match'] as unknown as Match | undefined)?.counterparts ?? [];
    const alone: Readonly<Record<string, readonly [ApprovalRule['command'], readonly Stake[]]>> = {
      'exception.force_matched': ['force_match', [amount, ...named]],
      'exception.entry_adjusted': ['adjust_entry', [adjustment?.amount, ...(amount ? [amount] : [])]],
      'exception.resolved': ['resolve', [amount]],
      // Confirmed by the external system that has it; what awaited approval or the ledger was proposed.
      ...(changes['pending']?.from === 'external' && { 'exception.confirmed': ['resolve', [amount]] }),
      ...(changes['pending']?.from === undefined && {
        'exception.adjustment_reversed': ['adjust_entry', [adjustment?.amount, ...(amount ? [amount] : [])]],
      }),
    };
    const [command, amounts] = alone[type] ?? [];
    const rules = books.rules.get(line.id) ?? [];
    const asked = rules.find((rule) => rule.command === command && fits(rule, amounts ?? [], rules));
    return sentences(`${type} of ${id}`, { 'evaded a rule': asked !== undefined });
  });
}

/** Each row is told of once, as it is, and the other way round; so are the sums of each currency. */
function postingFlaws({ adjustments, matches, history }: Books): string[] {
  const recorded = history.flatMap(({ data }) =>
    data?.['adjustment'] ? [data['adjustment'] as Adjustment] : [],
  );
  const named = history.flatMap(({ data }) => (data?.['match'] ? [data['match'] as unknown as Match] : []));
  return sentences('postings', {
    'are not those of the histories': sorted(adjustments) !== sorted(recorded),
    'do not add up to what the histories say': sums(adjustments) !== sums(recorded),
    'match others than the histories say': sortedMatches(matches) !== sortedMatches(named),
  });
}

const sorted = (postings: readonly Adjustment[]): string =>
  postings
    .map(({ id, exceptionId, amount, direction, reverses = 'nothing' }) =>
      [id, exceptionId, amount.amount, amount.currency, direction, reverses].join(' '),
    )
    .sort()
    .join('\n');

const sortedMatches = (matches: readonly Match[]): string =>
  matches
    .map(({ id, exceptionId, counterparts, residuals }) =>
      JSON.stringify([id, exceptionId, counterparts, residuals]),
    )
    .sort()
    .join('\n');

/** In hundredths of the smallest unit there is, so that nothing is rounded. */
export function sums(postings: readonly Adjustment[]): string {
  const totals = new Map<string, bigint>();
  for (const { amount, direction } of postings) {
    const [whole = '', fraction = ''] = amount.amount.split('.');
    const value = BigInt(whole + fraction.padEnd(4, '0')) * (direction === 'DEBIT' ? 1n : -1n);
    totals.set(amount.currency, (totals.get(amount.currency) ?? 0n) + value);
  }
  return [...totals]
    .map(([currency, total]) => `${currency} ${total}`)
    .sort()
    .join(', ');
}

/** Once, the opposite, and with an exception that has to be worked on instead. */
function reversalFlaws({ adjustments, history }: Books): string[] {
  const rows = new Map(adjustments.map((row) => [row.id, row]));
  const reversals = adjustments.filter(({ reverses }) => reverses !== undefined);
  const reversed = new Set(reversals.map(({ reverses }) => reverses));
  const reversalEvents = history.filter(({ type }) => type === 'exception.adjustment_reversed');
  const reopened = new Set(history.map(({ changes }) => changes['reversalOf']?.to));
  return [
    ...sentences('reversals', {
      'are two of one': reversed.size !== reversals.length,
      'are not those of the histories': reversalEvents.length !== reversals.length,
      'have not each reopened what they take back': reversals.some((row) => !reopened.has(row.exceptionId)),
    }),
    ...reversals.flatMap((row) => {
      const of = rows.get(row.reverses!);
      return sentences(`reversal ${row.id}`, {
        'is of nothing that can be reversed': of === undefined || of.reverses !== undefined,
        'is not the opposite': of && sums([of, row]) !== `${row.amount.currency} 0`,
      });
    }),
  ];
}

/** Those flaws that there are. */
export const sentences = (of: string, flaws: Readonly<Record<string, boolean | undefined>>): string[] =>
  Object.entries(flaws).flatMap(([flaw, isSo]) => (isSo ? [`${of} ${flaw}`] : []));
