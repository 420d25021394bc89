import type { Addressee } from './dispatch.lifecycle';

/**
 * The look-up policy of an external system: how to conclude that a ticket does not exist. A search must show an
 * existing ticket after `settleMs` milliseconds; that many `lookups` without a find are needed.
 */
export type LookupPolicy = Readonly<{ settleMs: number; lookups: number }>;

/** The look-up policy of each receiver of dispatches. */
export type LookupPolicies = Readonly<Record<Addressee, LookupPolicy>>;

/**
 * Jira's search lags behind its writes, ServiceNow's hardly. There absence is inferred from look-ups, so resends are bounded
 * (`maySend`). A receiver of webhooks de-duplicates by `webhook-id` (Standard Webhooks), so that sending again is always
 * safe, there is nothing to look up, and repeats follow the schedule without that bound.
 */
export const defaultLookupPolicies: LookupPolicies = {
  JIRA: { settleMs: 600_000, lookups: 3 },
  SERVICENOW: { settleMs: 60_000, lookups: 3 },
  WEBHOOK: { settleMs: 0, lookups: 0 },
  MANUAL: { settleMs: 0, lookups: 0 },
  /** A ledger de-duplicates by the id of the posting, and answers a repeat with what it did before: no bound either. */
  LEDGER: { settleMs: 0, lookups: 0 },
};

/** When each look-up is made, as a part of the settle time; the last one has to be at its end. */
export const lookupMoments: readonly number[] = [0.05, 0.5, 1];
