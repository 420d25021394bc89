import assert from 'node:assert/strict';
import type { HistoryEvent } from '../../change';
import type { ReconException } from '../../exception/recon-exception';
import type { ApprovalReads, Page, PageRequest, Reads } from '../../ports/reads';
import type { Transaction, UnitOfWork } from '../../ports/stores';
import { ok } from '../../result';
import { laterBy, timestamp, type Timestamp } from '../../value/timestamp';
import { anException, sampleCommands } from '../builders';
import { accepted } from '../outcomes';

/** An adapter's reads, over the store that they read. */
export type ReadHarness = Readonly<{
  uow: UnitOfWork;
  reads: Reads;
  approvals: ApprovalReads;
  /** UUIDs that were never given out before, in ascending order. */
  newId(): string;
  /** The time from which the reads compute what is overdue and how old it is. */
  clock(): Date;
}>;

const hourMs = 3_600_000;
const { resolve, adjust_entry: adjust } = sampleCommands.exception;

/** Twelve exceptions, `a` to `l`, in the order of their ids; sort values tie where it says so. */
export type Letter = 'a' | 'b' | 'c' | 'd' | 'e' | 'f' | 'g' | 'h' | 'i' | 'j' | 'k' | 'l';
export const letters: readonly Letter[] = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l'];

export const oddReason = '100%_\\ sure';
const huge = '99999999999999999999.99';

function examples(ago: (hours: number) => Timestamp, ids: Readonly<Record<Letter, string>>) {
  const eur = (amount: string) => ({ amount, currency: 'EUR' });
  const waiting = (pending: 'external' | 'approval' | 'ledger', since: number) =>
    ({ status: 'PENDING_RESOLUTION', pending, pendingSince: ago(since) }) as const;
  const resolved = (type: 'FORCE_MATCH' | 'ADJUST_ENTRY') =>
    ({ status: 'RESOLVED', resolutionType: type, resolvedAt: ago(9), resolvedBy: 'cy' }) as const;
  const reversal = {
    type: 'reverse',
    reason: 'Booked twice.',
    adjustment: {
      id: ids.l,
      exceptionId: ids.l,
      amount: eur('1.00'),
      direction: 'DEBIT',
      effectiveAt: ago(9),
      reasonCode: 'FEE',
      notes: 'Fee.',
      createdBy: 'ben',
      createdAt: ago(9),
    },
  } as const;
  const all: Readonly<Record<Letter, Partial<ReconException>>> = {
    a: {
      ...{ severity: 'LOW', reason: 'fee', occurredAt: ago(100) },
      ...{ dueAt: ago(-1000), createdAt: ago(1) },
    },
    b: {
      ...{ severity: 'HIGH', reason: 'Amount mismatch', amount: eur('100.00'), source: 'bank' },
      ...{ dueAt: ago(10), createdAt: ago(30) },
    },
    c: {
      ...{ status: 'ASSIGNED', severity: 'CRITICAL', assignedTo: 'ana', amount: eur('-50.00') },
      ...{ source: 'bank', reason: oddReason, dueAt: ago(5), createdAt: ago(80) },
    },
    d: {
      ...{ status: 'ASSIGNED', assignedTo: 'ben', amount: { amount: '100.00', currency: 'USD' } },
      ...{ source: 'cards', dueAt: ago(-20), createdAt: ago(130) },
    },
    e: {
      ...{ ...waiting('external', 100), severity: 'HIGH', assignedTo: 'ben', externalSystem: 'JIRA' },
      ...{ flaggedAt: ago(4), amount: { amount: '1500', currency: 'JPY' } },
      ...{ dueAt: ago(-30), createdAt: ago(200) },
    },
    f: {
      ...{ ...waiting('external', 2), severity: 'LOW', externalSystem: 'SERVICENOW', amount: eur(huge) },
      ...{ dueAt: ago(-40), createdAt: ago(90) },
    },
    g: {
      ...{ ...waiting('approval', 50), assignedTo: 'ben', amount: eur('0.01') },
      ...{ dueAt: ago(1), createdAt: ago(60) },
      proposal: { resolution: resolve, proposedBy: 'ana', proposedAt: ago(50) },
    },
    h: {
      ...{ ...waiting('approval', 20), severity: 'HIGH', amount: eur('20.00') },
      ...{ dueAt: ago(1), createdAt: ago(60) },
      proposal: {
        ...{ resolution: adjust, proposedBy: 'ben', proposedAt: ago(20), assignedBy: 'dee' },
        ...{ approvalsNeeded: 2, approvals: [{ by: 'cy', at: ago(15) }] },
      },
    },
    i: {
      ...{ ...waiting('ledger', 3), amount: { amount: '10.000', currency: 'KWD' } },
      ...{ occurredAt: ago(-5), dueAt: ago(-50), createdAt: ago(3) },
      proposal: { resolution: adjust, proposedBy: 'ana', proposedAt: ago(3) },
    },
    j: {
      ...{ ...resolved('FORCE_MATCH'), assignedTo: 'ana', amount: eur('100.00') },
      ...{ resolutionReason: 'Business decision', resolutionNotes: 'bank FEE refunded' },
      ...{ dueAt: ago(500), createdAt: ago(600) },
    },
    k: { ...resolved('ADJUST_ENTRY'), severity: 'LOW', dueAt: ago(600), createdAt: ago(600) },
    l: {
      ...{ ...resolved('ADJUST_ENTRY'), severity: 'HIGH', amount: eur(`-${huge}`) },
      ...{ pending: 'approval', pendingSince: ago(10), dueAt: ago(400), createdAt: ago(700) },
      proposal: { resolution: reversal, proposedBy: 'cy', proposedAt: ago(10) },
    },
  };
  return all;
}

export type Population = Awaited<ReturnType<typeof populate>>;

/** A tenant with the twelve, which cases read and never change. */
export async function populate(harness: ReadHarness) {
  const { uow, newId } = harness;
  const tenant = `tenant ${newId()}`;
  const t0 = timestamp(harness.clock());
  const ago = (hours: number): Timestamp => laterBy(t0, -hours * hourMs);
  const idsOf = () =>
    Object.fromEntries(letters.map((letter) => [letter, newId()])) as Record<Letter, string>;
  const [ids, transactions] = [idsOf(), idsOf()];
  const names = new Map(letters.map((letter) => [ids[letter], letter]));
  const save = async (write: (tx: Transaction) => Promise<void>): Promise<void> => {
    accepted(
      await uow.run({ tenant }, async (tx) => {
        await write(tx);
        return ok(undefined);
      }),
    );
  };
  const event = (exceptionId: string, over: Partial<HistoryEvent> = {}): HistoryEvent<never> => ({
    ...{
      id: newId(),
      type: 'exception.raised' as never,
      exceptionId,
      version: 1,
      actor: 'ana',
      at: t0,
      changes: {},
    },
    ...(over as object),
  });
  const kept: Partial<Record<Letter, ReconException>> = {};
  for (const [i, letter] of letters.entries()) {
    const state = anException({
      ...{ id: ids[letter], transactionId: transactions[letter], updatedAt: ago(i) },
      ...examples(ago, ids)[letter],
    });
    kept[letter] = state;
    await save((tx) => tx.exceptions.save({ basedOn: 0, state, events: [event(state.id)] }));
  }
  return {
    harness,
    tenant,
    ids,
    transactions,
    ago,
    save,
    event,
    exception: (letter: Letter) => kept[letter] as ReconException,
    /** Which exceptions of the twelve a page has, in its order. */
    named: ({ items }: Page<Readonly<{ id: string }>>) => items.map(({ id }) => names.get(id) ?? id).join(''),
  };
}

type Read<Item> = (page: PageRequest) => Promise<Page<Item>>;

/** Walks through all pages and back again: each walk has every item once, in order. */
export async function assertPages<Item>(
  read: Read<Item>,
  order: 'asc' | 'desc',
  limit: number,
  expected: readonly Item[],
): Promise<void> {
  const pages: Page<Item>[] = [await read({ limit, order })];
  for (let next = pages[0]?.next; next && pages.length <= expected.length; next = pages.at(-1)?.next)
    pages.push(await read({ limit, order, position: next }));
  assert.deepEqual(
    pages.flatMap(({ items }) => items),
    expected,
  );
  assert.equal(pages.length, Math.max(Math.ceil(expected.length / limit), 1));
  assert.deepEqual(
    pages.map(({ hasMore }) => hasMore),
    pages.map((_, i) => i < pages.length - 1),
  );
  assert.equal(pages[0]?.prev, undefined);
  for (let i = pages.length - 1; i > 0; i--) {
    const position = pages[i]?.prev;
    assert.ok(position);
    const before = await read({ limit, order, position });
    assert.deepEqual(before.items, pages[i - 1]?.items);
    assert.equal(before.hasMore, i > 1);
    assert.equal(before.prev === undefined, i === 1);
    assert.ok(before.next);
  }
}
