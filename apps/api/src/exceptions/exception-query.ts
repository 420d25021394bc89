import {
  exceptionSortKeys,
  type ExceptionFilter,
  type ExceptionSortKey,
  type SortOrder,
} from '@redress/domain';
import { exceptionFilters, filterOf } from '../exception-dto/exception-filters';
import { exportFormats, type ExportFormat } from './exception-export';
import { orderOf, orderParameter, pagingFrom, pagingOf, type Paging } from '../http/paging-query';
import { choice } from '../http/query-kinds';
import { readQuery, whenSet, type Given, type Query } from '../http/query-parameters';

const sort_by = choice('Order of the list.', exceptionSortKeys, 'created_at');

export const exceptionParameters = { ...exceptionFilters, sort_by, ...pagingFrom('desc') };

export const exportParameters = {
  ...exceptionFilters,
  sort_by,
  sort_order: orderParameter('desc'),
  format: choice('What the file is; when absent, the one that Accept prefers, else csv.', exportFormats),
};

export type ExceptionListing = Paging & Readonly<{ filter: ExceptionFilter; sort: ExceptionSortKey }>;

export function readExceptionListing(query: Query): ExceptionListing {
  const given = readQuery(query, exceptionParameters);
  return { ...pagingOf(given, 'desc'), sort: sortOf(given), filter: filterOf(given) };
}

export type ExceptionExport = Readonly<{
  filter: ExceptionFilter;
  sort: ExceptionSortKey;
  order: SortOrder;
  format?: ExportFormat;
}>;

export function readExceptionExport(query: Query): ExceptionExport {
  const given = readQuery(query, exportParameters);
  return {
    filter: filterOf(given),
    sort: sortOf(given),
    order: orderOf(given, 'desc'),
    ...whenSet('format', given.one('format') as ExportFormat | undefined),
  };
}

const sortOf = (given: Given): ExceptionSortKey =>
  (given.one('sort_by') as ExceptionSortKey | undefined) ?? 'created_at';
