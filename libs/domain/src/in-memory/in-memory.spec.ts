import { sequentialIds, storageContract } from '../testing';
import { InMemoryUnitOfWork } from '.';

describe('the store in memory', () => {
  const uow = new InMemoryUnitOfWork();
  const newId = sequentialIds();
  const contract = storageContract(async () => ({
    uow,
    newId,
    historyOf: async (tenant, exceptionId) => uow.history(tenant, exceptionId),
    adjustmentsOf: async (tenant, exceptionId) => uow.adjustments(tenant, exceptionId),
    forcedMatchesOf: async (tenant, exceptionId) => uow.forcedMatches(tenant, exceptionId),
    attemptsOf: async (tenant, dispatchId) => uow.attempts(tenant, dispatchId),
    approveUnder: async (tenant, policy) => uow.approveUnder(tenant, policy),
    takeReasons: async (tenant, reasonCodes) => uow.takeReasons(tenant, reasonCodes),
    keepBooksElsewhere: async (tenant) => uow.keepBooksElsewhere(tenant),
  }));

  for (const { name, run } of contract) it(name, run);
});
