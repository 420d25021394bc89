import type { ApprovalRules, ReasonLists } from '../ports/setting-store';
import { sequentialIds, settingContract } from '../testing';
import { InMemoryDatabase, InMemorySettingReads, InMemorySettingUnitOfWork, InMemoryUnitOfWork } from '.';

describe('the settings in memory', () => {
  const database = new InMemoryDatabase();
  const newId = sequentialIds();
  const contract = settingContract(async () => ({
    uow: new InMemoryUnitOfWork(database),
    approvalPolicy: {
      uow: new InMemorySettingUnitOfWork<ApprovalRules>(database, 'approval_policy'),
      reads: new InMemorySettingReads<ApprovalRules>(database, 'approval_policy'),
    },
    reasonCodes: {
      uow: new InMemorySettingUnitOfWork<ReasonLists>(database, 'reason_codes'),
      reads: new InMemorySettingReads<ReasonLists>(database, 'reason_codes'),
    },
    newId,
  }));

  for (const { name, run } of contract) it(name, run);
});
