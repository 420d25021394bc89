import { limits } from '@redress/domain';
import {
  connectionTargets,
  inboundOutcomes,
  type ConnectionTarget,
  type InboundOutcome,
} from '@redress/domain/integrations';
import type { InboundFilter } from '@redress/domain/integrations';
import { pagingFrom, pagingOf, type Paging } from '../http/paging-query';
import { choices, endOf, startOf, texts, time, uuids } from '../http/query-kinds';
import { readQuery, whenSet, type ParameterTable, type Query } from '../http/query-parameters';

export const inboundParameters = {
  outcome: choices('What became of it.', inboundOutcomes),
  target: choices('Kind of system it came from.', connectionTargets),
  exception_id: uuids('Exception it is about.'),
  external_reference: texts('Ticket it is about, as it is called there.', limits.queue),
  date_from: time('Received then or later.'),
  date_to: time('Received then or earlier.'),
  ...pagingFrom('desc'),
} as const satisfies ParameterTable;

export function readInboundListing(query: Query): Paging & Readonly<{ filter: InboundFilter }> {
  const given = readQuery(query, inboundParameters);
  const { all, one } = given;
  return {
    ...pagingOf(given, 'desc'),
    filter: {
      // What is no outcome or target was refused.
      ...whenSet('outcome', all('outcome') as readonly InboundOutcome[] | undefined),
      ...whenSet('target', all('target') as readonly ConnectionTarget[] | undefined),
      ...whenSet('exceptionId', all('exception_id')),
      ...whenSet('externalReference', all('external_reference')),
      ...whenSet('receivedFrom', startOf(one('date_from'))),
      ...whenSet('receivedBefore', endOf(one('date_to'))),
    },
  };
}
