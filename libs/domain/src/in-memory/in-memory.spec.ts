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
  }));

  for (const { name, run } of contract) it(name, run);
});
