import { exceptionLifecycle } from '../exception/exception.lifecycle';
import { agedFrom, type ReconException } from '../exception/recon-exception';
import { statuses } from '../lifecycle';
import { ageLimits, maxNames, type ExceptionSummary } from '../ports/reads';
import { fromMinorUnits, minorUnits } from '../value/money';
import { severities } from '../value/severity';
import { isOverdue } from './exception-filter';
import { compareCodePoints } from './sort-values';

const hourMs = 3_600_000;

/** Counts the chosen exceptions, each once in every part. */
export function summarize(chosen: readonly ReconException[], nowMs: number): ExceptionSummary {
  const by = (name: (e: ReconException) => string | undefined) => countsBy(chosen, name);
  const [status, severity] = [by((e) => e.status), by((e) => e.severity)];
  const reason = mostFrequent(by((e) => e.reason));
  const assignees = by((e) => e.assignedTo);
  const assignee = mostFrequent(assignees);
  const ages = by((e) => (e.status === 'RESOLVED' ? undefined : String(ageOf(e, nowMs))));
  const amounts = chosen.flatMap(({ amount }) => (amount ? [amount] : []));
  return {
    total: chosen.length,
    overdue: chosen.filter((e) => isOverdue(e, nowMs)).length,
    byStatus: Object.fromEntries(statuses(exceptionLifecycle).map((name) => [name, status.get(name) ?? 0])),
    bySeverity: Object.fromEntries(severities.map((name) => [name, severity.get(name) ?? 0])),
    byReason: { top: reason.top.map(([name, count]) => ({ reason: name, count })), other: reason.other },
    byAssignee: {
      top: assignee.top.map(([name, count]) => ({ assignee: name, count })),
      unassigned: chosen.filter((e) => e.assignedTo === undefined).length,
      other: assignee.other,
    },
    byAge: [0, ...ageLimits].map((fromHours, i) => {
      const toHours = ageLimits[i];
      return { fromHours, ...(toHours !== undefined && { toHours }), count: ages.get(String(i)) ?? 0 };
    }),
    amounts: sorted(countsBy(amounts, ({ currency }) => currency)).map(([currency, count]) => {
      const its = amounts.filter((amount) => amount.currency === currency);
      const sum = its.reduce((total, amount) => total + minorUnits(amount), 0n);
      return { currency, count, sum: fromMinorUnits(sum, currency).amount };
    }),
  };
}

/** The number of limits that its age in hours has reached. */
const ageOf = (e: ReconException, nowMs: number): number =>
  ageLimits.filter((limit) => nowMs - Date.parse(agedFrom(e)) >= limit * hourMs).length;

function countsBy<T>(
  items: readonly T[],
  name: (item: T) => string | undefined,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) {
    const key = name(item);
    if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/** The most frequent first; of equals, by their text. */
const sorted = (counts: ReadonlyMap<string, number>): [string, number][] =>
  [...counts].sort(([a, x], [b, y]) => y - x || compareCodePoints(a, b));

function mostFrequent(counts: ReadonlyMap<string, number>) {
  const all = sorted(counts);
  const other = all.slice(maxNames).reduce((sum, [, count]) => sum + count, 0);
  return { top: all.slice(0, maxNames), other };
}
