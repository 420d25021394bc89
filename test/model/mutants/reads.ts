import type {
  AdjustmentFilter,
  ApprovalFilter,
  ApprovalReads,
  DispatchFilter,
  DisputeFilter,
  ExceptionFilter,
  Reads,
} from '@redress/domain';
import { backwards } from './other-stores';
import { andThen, askedFor, idle, type Mutant, type MutantsOf } from './mutant';

/** A list that does not look at one member of its filter. A member that the table lacks does not compile. */
const ignoring = <Filter, M extends 'exceptions' | 'disputes' | 'allAdjustments' | 'allDispatches'>(
  members: Readonly<Record<keyof Filter, true>>,
): (readonly [string, Mutant<Reads, M>])[] =>
  Object.keys(members).map((member) => [
    `does not filter by ${member}`,
    ((kept: (tenant: string, filter: object, ...more: unknown[]) => unknown) =>
      (tenant: string, filter: object, ...more: unknown[]) =>
        kept(tenant, { ...filter, [member]: undefined }, ...more)) as never,
  ]);

const exceptionFilter: Readonly<Record<keyof ExceptionFilter, true>> = {
  ...({ status: true, severity: true, assignedTo: true, externalSystem: true, reason: true } as const),
  ...({ source: true, currency: true, transactionId: true, pending: true, pendingBefore: true } as const),
  ...({ flagged: true, ledgerMismatch: true, unassigned: true, overdue: true } as const),
  ...({ createdFrom: true, createdBefore: true, dueFrom: true, dueBefore: true } as const),
  ...({ amountMin: true, amountMax: true, words: true } as const),
};
const disputeFilter: Readonly<Record<keyof DisputeFilter, true>> = {
  ...({ state: true, category: true, exceptionId: true, openedBy: true } as const),
  ...({ createdFrom: true, createdBefore: true } as const),
};
const adjustmentFilter: Readonly<Record<keyof AdjustmentFilter, true>> = {
  ...({ exceptionId: true, currency: true, direction: true, reasonCode: true, createdBy: true } as const),
  ...({ effectiveFrom: true, effectiveBefore: true, createdFrom: true, createdBefore: true } as const),
  ...({ amountMin: true, amountMax: true, reversed: true, reversal: true } as const),
};
const dispatchFilter: Readonly<Record<keyof DispatchFilter, true>> = {
  ...({ state: true, target: true, kind: true, exceptionId: true } as const),
  ...({ requestedFrom: true, requestedBefore: true } as const),
};
const approvalFilter: Readonly<Record<keyof ApprovalFilter, true>> = {
  ...({ currency: true, amountMin: true, amountMax: true } as const),
  ...({ proposer: true, command: true, approver: true } as const),
};

/** Lists of what belongs to one exception: each is undefined where there is none. */
const emptyPage = { items: [], hasMore: false };

export const reads: MutantsOf<Reads> = {
  exceptions: [
    ['lists them backwards', backwards],
    ['sorts by ids', (kept) => (tenant, filter, _sort, page) => kept(tenant, filter, 'id', page)],
    [
      'begins with the first again',
      (kept) =>
        (tenant, filter, sort, { limit, order }) =>
          kept(tenant, filter, sort, { limit, order }),
    ],
    ['says that there is more', andThen((page) => ({ ...page, hasMore: true }))],
    ...ignoring<ExceptionFilter, 'exceptions'>(exceptionFilter),
  ],
  summary: [
    ['does not filter', (kept) => (tenant) => kept(tenant, {})],
    ['counts nothing overdue', andThen((found) => ({ ...found, overdue: 0 }))],
    [
      'adds amounts as floats',
      andThen((found) => ({
        ...found,
        amounts: found.amounts.map((one) => ({ ...one, sum: String(Number(one.sum)) })),
      })),
    ],
    ['counts no other names', andThen((found) => ({ ...found, byReason: { ...found.byReason, other: 0 } }))],
    [
      'counts no other assignees',
      andThen((found) => ({ ...found, byAssignee: { ...found.byAssignee, other: 0 } })),
    ],
    [
      'leaves out what there is none of',
      andThen((found) => ({
        ...found,
        byStatus: Object.fromEntries(Object.entries(found.byStatus).filter(([, count]) => count > 0)),
      })),
    ],
    ['counts ages from the wrong end', andThen((found) => ({ ...found, byAge: [...found.byAge].reverse() }))],
  ],
  disputes: [
    ['lists them backwards', backwards],
    ['sorts by ids', (kept) => (tenant, filter, _sort, page) => kept(tenant, filter, 'id', page)],
    [
      'begins with the first again',
      (kept) =>
        (tenant, filter, sort, { limit, order }) =>
          kept(tenant, filter, sort, { limit, order }),
    ],
    [
      'counts no evidence',
      andThen((page) => ({ ...page, items: page.items.map((one) => ({ ...one, evidenceCount: 0 })) })),
    ],
    ...ignoring<DisputeFilter, 'disputes'>(disputeFilter),
  ],
  allAdjustments: [
    ['lists them backwards', backwards],
    [
      'begins with the first again',
      (kept) =>
        (tenant, filter, sort, { limit, order }) =>
          kept(tenant, filter, sort, { limit, order }),
    ],
    ['has no totals', andThen(({ totals: _totals, ...page }) => page)],
    [
      'has totals on every page',
      (kept) => async (tenant, filter, sort, page) => ({
        ...(await kept(tenant, filter, sort, page)),
        totals: [],
      }),
    ],
    [
      'does not say what was reversed',
      andThen((page) => ({ ...page, items: page.items.map(({ reversedBy: _by, ...one }) => one) })),
    ],
    ...ignoring<AdjustmentFilter, 'allAdjustments'>(adjustmentFilter),
  ],
  allDispatches: [
    ['lists them backwards', backwards],
    [
      'begins with the first again',
      (kept) =>
        (tenant, filter, sort, { limit, order }) =>
          kept(tenant, filter, sort, { limit, order }),
    ],
    ...ignoring<DispatchFilter, 'allDispatches'>(dispatchFilter),
  ],
  history: [
    ['lists it backwards', backwards],
    [
      'counts from zero',
      andThen(
        (page) => page && { ...page, items: page.items.map((line) => ({ ...line, seq: line.seq - 1 })) },
      ),
    ],
    [
      'begins each line anew',
      andThen(
        (page) =>
          page && { ...page, items: page.items.map((line) => ({ ...line, prevHash: '0'.repeat(64) })) },
      ),
    ],
    ['shows an empty page where there is no exception', andThen((page) => page ?? emptyPage)],
    [
      'finds nothing in capital letters',
      (kept) => async (tenant, id, page) => (/[A-F]/.test(id) ? undefined : kept(tenant, id, page)),
    ],
  ],
  adjustments: [
    ['shows none', andThen((found) => found && [])],
    ['shows none where there is no exception', andThen((found) => found ?? [])],
    ['lists them backwards', andThen((found) => found && [...found].reverse())],
  ],
  forcedMatches: [['shows none where there is no exception', andThen((found) => found ?? [])]],
  dispatches: [
    ['shows none', andThen((found) => found && [])],
    ['shows none where there is no exception', andThen((found) => found ?? [])],
    ['lists them backwards', andThen((found) => found && [...found].reverse())],
    ['leaves out the attempts', andThen((found) => found?.map((one) => ({ ...one, attempts: [] })))],
    [
      'lists the attempts backwards',
      andThen((found) => found?.map((one) => ({ ...one, attempts: [...one.attempts].reverse() }))),
    ],
    [
      'gives each the attempts of all',
      andThen((found) =>
        found?.map((one) => ({ ...one, attempts: found.flatMap(({ attempts }) => attempts) })),
      ),
    ],
  ],
  comments: [
    ['lists them backwards', backwards],
    ['shows an empty page where there is no exception', andThen((page) => page ?? emptyPage)],
    [
      'begins with the first again',
      (kept) =>
        (tenant, id, { limit, order }) =>
          kept(tenant, id, { limit, order }),
    ],
    ['finds none', idle],
  ],
};

export const approvalReads: MutantsOf<ApprovalReads> = {
  pending: [
    ['lists them backwards', backwards],
    ['finds none', andThen(() => emptyPage)],
    ...Object.keys(approvalFilter).map((member): readonly [string, Mutant<ApprovalReads, 'pending'>] => [
      `does not filter by ${member}`,
      askedFor((tenant, filter, page) => [tenant, { ...filter, [member]: undefined }, page]),
    ]),
  ],
};
