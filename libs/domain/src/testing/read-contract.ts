import { dispatchLists } from './contract/dispatch-lists';
import { exceptionLists } from './contract/exception-lists';
import { exceptionDetails } from './contract/exception-details';
import { populate, type Population, type ReadHarness } from './contract/read-population';
import { summaries } from './contract/summaries';
import type { ContractCase } from './storage-contract';

export type { ReadHarness };

const promises = { ...exceptionLists, ...summaries, ...exceptionDetails, ...dispatchLists };

/**
 * What the domain expects of lists, for any test runner, as `storageContract`. The cases share one tenant, which they
 * only read.
 */
export function readContract(make: () => Promise<ReadHarness>): readonly ContractCase[] {
  let population: Promise<Population> | undefined;
  const shared = () => (population ??= make().then(populate));
  return Object.entries(promises).map(([name, keep]) => ({
    name,
    run: async () => keep(await shared()),
  }));
}
