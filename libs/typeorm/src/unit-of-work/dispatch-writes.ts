import type { Dispatch, DispatchChange } from '@redress/domain';
import { jobPriority } from '@redress/domain/integrations';
import { was, type Write } from './commit';
import { scheduledJob, dispatchTask } from '../jobs/job-spec';
import { toRow } from '../entities/mapping';
import { columnsOf } from '../entities/entity-schemas';

const dispatchSet = columnsOf('dispatch').filter((column) => column !== 'id');

const priorityOf = (target: Dispatch['target']): number =>
  target === 'LEDGER' ? jobPriority.posting : jobPriority.dispatch;

/** A change, and whether the dispatch held its place when it was decided. */
export type MovedDispatch = DispatchChange & Readonly<{ wasLive: boolean }>;

/**
 * What was reserved and what has moved on. Each of them that has to be seen to again gets a job for that moment in the
 * same commit, so that a crash at any later instant is noticed.
 */
export function dispatchWrites(
  tenant: string,
  reserved: readonly Dispatch[],
  moved: readonly MovedDispatch[],
): Write[] {
  return [
    { kind: 'insert', table: 'dispatch', rows: reserved.map(toRow) },
    {
      kind: 'update',
      table: 'dispatch',
      set: dispatchSet,
      // Taking an exception back ends its dispatches without a new version of each.
      guard: ['version', 'live'],
      rows: moved.map(({ state, basedOn, wasLive }) => ({
        ...toRow(state),
        [was('version')]: basedOn,
        [was('live')]: wasLive,
      })),
    },
    {
      kind: 'insert',
      table: 'dispatch_attempt',
      rows: moved.flatMap(({ attempt }) => (attempt ? [toRow(attempt)] : [])),
    },
    {
      kind: 'schedule',
      rows: [...reserved, ...moved.map(({ state }) => state)].flatMap(({ id, target, nextAttemptAt }) =>
        nextAttemptAt === undefined
          ? []
          : [scheduledJob(dispatchTask, tenant, id, priorityOf(target), nextAttemptAt)],
      ),
    },
  ];
}
