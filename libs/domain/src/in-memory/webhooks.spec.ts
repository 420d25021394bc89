import { sequentialIds, webhookContract } from '../testing';
import {
  InMemoryDatabase,
  InMemoryDeliveries,
  InMemoryEndpointReads,
  InMemoryEndpointUnitOfWork,
  InMemoryUnitOfWork,
} from '.';

describe('the webhook stores in memory', () => {
  const database = new InMemoryDatabase();
  const newId = sequentialIds();
  const contract = webhookContract(async () => ({
    uow: new InMemoryUnitOfWork(database),
    endpoints: new InMemoryEndpointUnitOfWork(database),
    deliveries: new InMemoryDeliveries(database),
    reads: new InMemoryEndpointReads(database),
    newId,
  }));

  for (const { name, run } of contract) it(name, run);
});
