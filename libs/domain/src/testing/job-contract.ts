import { freshJobs, jobs, type JobHarness } from './contract/jobs';
import type { ContractCase } from './storage-contract';

export type { JobHarness };

/**
 * What the domain expects of the jobs of every store, for any test runner, as `storageContract`. The cases start and stop
 * the same runner, so that they must run one after the other.
 */
export const jobContract = (make: () => Promise<JobHarness>): readonly ContractCase[] =>
  Object.entries(jobs).map(([name, keep]) => ({
    name,
    run: async () => keep(freshJobs(await make())),
  }));
