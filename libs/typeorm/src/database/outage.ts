import { outageReasonOf, type OutageReason } from './sql-state';

const sentences: Readonly<Record<OutageReason, string>> = {
  unreachable: 'The database cannot be reached; repeat the request in a moment.',
  read_only: 'The database accepts no changes just now; repeat the request in a moment.',
  too_slow: 'The database took too long; narrow the request, or repeat it in a moment.',
  contention: 'Too many others are changing the same thing; repeat the request in a moment.',
  tenant_busy:
    'Other requests of this tenant hold all the database connections that it may have; repeat the request in a moment.',
  heavy_busy: 'Too many summaries, searches and exports are running; repeat the request in a moment.',
  pool_busy: 'All database connections of this service are in use; repeat the request in a moment.',
  out_of_resources: 'The database is out of resources; repeat the request later.',
};

/** The answer to a client while the database cannot serve; undefined when the error has another cause. */
export function outageOf(error: unknown): string | undefined {
  const reason = outageReasonOf(error);
  return reason && sentences[reason];
}
