import { callbacks } from './contract/callbacks';
import { comments } from './contract/comments';
import { concurrency } from './contract/concurrency';
import { concurrentReports } from './contract/concurrent-reports';
import { deadlines } from './contract/deadlines';
import { dispatchAttempts } from './contract/dispatch-attempts';
import { dispatches } from './contract/dispatches';
import { expiry } from './contract/expiry';
import { facts } from './contract/facts';
import { finding } from './contract/finding';
import { forcedMatches } from './contract/forced-matches';
import { history } from './contract/history';
import { idempotency } from './contract/idempotency';
import { letterByLetter } from './contract/letter-by-letter';
import { many } from './contract/many';
import { postings } from './contract/postings';
import { previews } from './contract/previews';
import { raising } from './contract/raising';
import { reversals } from './contract/reversals';
import { roundTrips } from './contract/round-trips';
import { tenants } from './contract/tenants';
import { unitsOfWork } from './contract/units-of-work';
import { freshTenant, type StorageHarness } from './contract/setting';

export type { StorageHarness };
/**
 * One case of a contract suite: its name is a sentence, and `run` throws an `AssertionError` when the adapter breaks
 * the promise.
 */
export type ContractCase = Readonly<{
  name: string;
  /** Resolves when the adapter keeps the promise. */
  run: () => Promise<void>;
}>;

const promises = {
  ...roundTrips,
  ...letterByLetter,
  ...finding,
  ...dispatches,
  ...dispatchAttempts,
  ...postings,
  ...deadlines,
  ...history,
  ...unitsOfWork,
  ...concurrency,
  ...concurrentReports,
  ...idempotency,
  ...raising,
  ...many,
  ...callbacks,
  ...comments,
  ...forcedMatches,
  ...reversals,
  ...facts,
  ...expiry,
  ...previews,
  ...tenants,
};

/**
 * What the domain expects of every store, for any test runner:
 * `for (const { name, run } of storageContract(make)) it(name, run);`
 * Every case works in a tenant of its own, so all of them can share one database.
 */
export const storageContract = (make: () => Promise<StorageHarness>): readonly ContractCase[] =>
  Object.entries(promises).map(([name, keep]) => ({
    name,
    run: async () => keep(freshTenant(await make())),
  }));
