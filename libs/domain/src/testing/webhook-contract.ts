import { deliveries } from './contract/deliveries';
import { deliveryTable } from './contract/delivery-table';
import { endpoints } from './contract/endpoints';
import { replays } from './contract/replays';
import { freshSubscriber, type WebhookHarness } from './contract/webhook-setting';
import type { ContractCase } from './storage-contract';

export type { WebhookHarness };

const promises = { ...endpoints, ...deliveries, ...deliveryTable, ...replays };

/**
 * What the domain expects of the stores and reads of webhook endpoints and deliveries, for any test runner:
 * `for (const { name, run } of webhookContract(make)) it(name, run);`
 * Every case works in a tenant of its own, so all of them can share one database.
 */
export const webhookContract = (make: () => Promise<WebhookHarness>): readonly ContractCase[] =>
  Object.entries(promises).map(([name, keep]) => ({
    name,
    run: async () => keep(freshSubscriber(await make())),
  }));
