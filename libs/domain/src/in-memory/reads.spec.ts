import { createHash } from 'node:crypto';
import { fixedClock, readContract, sequentialIds } from '../testing';
import { InMemoryApprovalReads, InMemoryDatabase, InMemoryReads, InMemoryUnitOfWork } from '.';

describe('the lists in memory', () => {
  const database = new InMemoryDatabase();
  const newId = sequentialIds();
  const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
  const contract = readContract(async () => ({
    uow: new InMemoryUnitOfWork(database),
    reads: new InMemoryReads(database, { clock: fixedClock, hash }),
    approvals: new InMemoryApprovalReads(database, fixedClock),
    newId,
    clock: fixedClock,
  }));

  for (const { name, run } of contract) it(name, run);
});
