import type { ExceptionChange, ReconException } from '@redress/domain';
import { was, type Cell, type Write } from './commit';
import { deadlineJob } from '../jobs/deadline-jobs';
import type { Histories } from './histories';
import { changedFields, cellOf, columnsOfField, toRow } from '../entities/mapping';

/** Sightings are counted without a new version, so the count itself tells whether one came between. */
const guard = ['version', 'history_seq', 'seen_count'];
export const headSet = ['history_seq', 'history_head'];

/** What was saved of exceptions and of the rows that came with them, by their ids. */
export function exceptionWrites(
  tenant: string,
  saved: readonly ExceptionChange[],
  loaded: ReadonlyMap<string, ReconException>,
  histories: Histories,
): Write[] {
  const changes = [...saved].sort((a, b) => (a.state.id < b.state.id ? -1 : 1));
  const created = changes.filter(({ basedOn }) => basedOn === 0);
  const changed = changes.filter(({ basedOn }) => basedOn > 0);
  const cell = cellsOf(loaded, histories);
  return [
    { kind: 'insert', table: 'exception', rows: created, cell },
    {
      kind: 'update',
      table: 'exception',
      set: setOf(changed, loaded, histories),
      guard,
      rows: changed,
      cell,
    },
    {
      kind: 'insert',
      table: 'adjustment',
      rows: changes.flatMap((c) => (c.adjustment ? [toRow(c.adjustment)] : [])),
    },
    {
      kind: 'insert',
      table: 'forced_match',
      rows: changes.flatMap((c) => (c.match ? [toRow(c.match)] : [])),
    },
    {
      kind: 'end_dispatches',
      rows: changes.flatMap((c) => (c.endsDispatches ? [{ exception_id: c.state.id }] : [])),
    },
    {
      kind: 'schedule',
      rows: changes.flatMap(({ state: { id }, deadline }) =>
        deadline ? [deadlineJob(tenant, id, deadline)] : [],
      ),
    },
  ];
}

const cellsOf =
  (loaded: ReadonlyMap<string, ReconException>, histories: Histories): Cell =>
  (column) => {
    switch (column) {
      case 'history_seq':
        return ({ state }: ExceptionChange) => histories.of(state.id).now.seq;
      case 'history_head':
        return ({ state }: ExceptionChange) => histories.of(state.id).now.hash;
      case was('history_seq'):
        return ({ state }: ExceptionChange) => histories.of(state.id).stored.seq;
      case was('version'):
        return ({ basedOn }: ExceptionChange) => basedOn;
      case was('seen_count'):
        return ({ state }: ExceptionChange) => loaded.get(state.id)?.seenCount;
      default: {
        const cell = cellOf(column);
        return ({ state }: ExceptionChange) => cell(state);
      }
    }
  };

/** The columns that one of them at least has changed: what stays as it is need not be indexed again. */
function setOf(
  changes: readonly ExceptionChange[],
  loaded: ReadonlyMap<string, ReconException>,
  histories: Histories,
): readonly string[] {
  const fields = new Set<string>();
  for (const { state } of changes) changedFields(loaded.get(state.id) ?? {}, state, fields);
  // Its dispatches and disputes tell in the same history.
  const movesHead = changes.some(({ state }) => histories.hasGrown(state.id)) || fields.size === 0;
  return [...[...fields].sort().flatMap(columnsOfField), ...(movesHead ? headSet : [])];
}
