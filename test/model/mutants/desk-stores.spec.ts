import { InMemoryUnitOfWork } from '@redress/domain/in-memory';
import type { Transaction, UnitOfWork } from '@redress/domain';
import { sequentialIds, storageContract } from '@redress/domain/testing';
import { deskStores } from './desk-stores';
import { broken, each, foundOutBy, withTransactions, type MutantsOf } from './mutant';
import { unitsOfWork } from './units-of-work';

/*
 * The contract of storage, put to the test by stores that each break one promise: every one is found out. That the store
 * that breaks none passes is tested beside it.
 */
function contractOf(breaking: (kept: UnitOfWork) => UnitOfWork, tenantOf = (tenant: string) => tenant) {
  const memory = new InMemoryUnitOfWork();
  const uow = breaking(memory);
  return storageContract(async () => ({
    uow,
    newId,
    historyOf: async (tenant, id) => memory.history(tenantOf(tenant), id),
    adjustmentsOf: async (tenant, id) => memory.adjustments(tenantOf(tenant), id),
    forcedMatchesOf: async (tenant, id) => memory.forcedMatches(tenantOf(tenant), id),
    attemptsOf: async (tenant, id) => memory.attempts(tenantOf(tenant), id),
    approveUnder: async (tenant, policy) => memory.approveUnder(tenantOf(tenant), policy),
    takeReasons: async (tenant, codes) => memory.takeReasons(tenantOf(tenant), codes),
    keepBooksElsewhere: async (tenant) => memory.keepBooksElsewhere(tenantOf(tenant)),
  }));
}
const newId = sequentialIds();

describe.each(Object.entries(deskStores))('a store of %s is found out', (name, mutants) => {
  const store = name as keyof Transaction;
  it.each(each(mutants as MutantsOf<Transaction[typeof store]>))('that with %s', async (_, breaking) => {
    const contract = contractOf((uow) =>
      withTransactions(uow, (tx) => ({ ...tx, [store]: breaking(tx[store]) })),
    );
    expect(await foundOutBy(contract)).toBeDefined();
  });
});

describe('a unit of work is found out', () => {
  it.each(Object.entries(unitsOfWork))('that %s', async (_, run) => {
    const contract = contractOf((kept) => ({ run: (session, work) => run(kept, session, work) }));
    expect(await foundOutBy(contract)).toBeDefined();
  });

  it('that knows no tenants', async () => {
    const contract = contractOf(
      (kept) => ({ run: (session, work) => kept.run({ ...session, tenant: 'all' }, work) }),
      () => 'all',
    );
    expect(await foundOutBy(contract)).toMatch(/tenant/);
  });

  it('that finds a comment under any exception', async () => {
    const exceptionOf = new Map<string, string>();
    const contract = contractOf((kept) =>
      withTransactions(kept, (tx) => ({
        ...tx,
        comments: {
          load: (exceptionId, id) => tx.comments.load(exceptionOf.get(id.toLowerCase()) ?? exceptionId, id),
          save: async (change) => {
            exceptionOf.set(change.state.id, change.state.exceptionId);
            await tx.comments.save(change);
          },
        },
      })),
    );
    expect(await foundOutBy(contract)).toMatch(/comment under its exception/);
  });
});

it('a store that breaks no promise is not found out', async () => {
  const kept = contractOf((uow) =>
    withTransactions(uow, (tx) => broken(tx, 'replies', (replies) => replies)),
  );
  expect(await foundOutBy(kept)).toBeUndefined();
});
