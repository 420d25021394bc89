import {
  disputeCategories,
  disputeLifecycle,
  exceptionLifecycle,
  severities,
  statuses,
} from '@redress/domain';

/** Values in an order of their own, that of the domain's tables and not of the alphabet. */
type Ranking = Readonly<{
  /** The place of a row, as indexed. */
  rank: string;
  /** The places of values that are asked for. */
  ranksOf: (values: readonly string[] | undefined) => readonly number[] | undefined;
}>;

/** Made of equality alone: behind row-level security an index serves nothing that could leak. */
const ranking = (column: string, order: readonly string[]): Ranking => ({
  rank: `CASE ${column} ${order.map((value, i) => `WHEN '${value}' THEN ${i}`).join(' ')} END`,
  ranksOf: (values) => values?.map((value) => order.indexOf(value)),
});

export const status = ranking('status', statuses(exceptionLifecycle));
export const disputeState = ranking('state', statuses(disputeLifecycle));
export const disputeCategory = ranking('category', disputeCategories);
export const severity = ranking('severity', severities);
