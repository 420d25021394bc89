import type { CommentChange, DisputeChange, ExceptionChange, ReconException } from '@redress/domain';
import { was, type Write } from './commit';
import { dispatchWrites, type MovedDispatch } from './dispatch-writes';
import { exceptionWrites, headSet } from './exception-writes';
import type { Histories } from './histories';
import { toRow } from '../entities/mapping';
import { columnsOf } from '../entities/entity-schemas';

/** What one unit of work has saved and not committed yet. */
export class PendingChanges {
  readonly saved: ExceptionChange[] = [];
  readonly disputed: DisputeChange[] = [];
  readonly commented: CommentChange[] = [];
  readonly dispatched: MovedDispatch[] = [];

  /** In the fixed order: exceptions by id, what belongs to them, disputes, comments, history. */
  writes(tenant: string, loaded: ReadonlyMap<string, ReconException>, histories: Histories): Write[] {
    const savedIds = new Set(this.saved.map(({ state }) => state.id));
    const headsAlone = [
      ...new Set(
        [...this.disputed, ...this.commented, ...this.dispatched]
          .filter(({ events }) => events.length > 0)
          .map(({ state }) => state.exceptionId),
      ),
    ].filter((id) => !savedIds.has(id));
    const moved = this.disputed.filter(({ basedOn }) => basedOn > 0);
    return [
      ...exceptionWrites(tenant, this.saved, loaded, histories),
      {
        kind: 'update',
        table: 'exception',
        set: headSet,
        guard: ['history_seq'],
        rows: headsAlone.map((id) => histories.guarded(id)),
      },
      ...dispatchWrites(
        tenant,
        [
          ...this.saved.flatMap(({ dispatch, notes = [] }) => (dispatch ? [dispatch, ...notes] : notes)),
          ...this.commented.flatMap(({ notes = [] }) => notes),
        ],
        this.dispatched,
      ),
      {
        kind: 'insert',
        table: 'dispute',
        rows: this.disputed.filter((c) => c.basedOn === 0).map((c) => toRow(c.state)),
      },
      {
        kind: 'update',
        table: 'dispute',
        set: disputeSet,
        guard: ['version'],
        rows: moved.map((c) => ({ ...toRow(c.state), [was('version')]: c.basedOn })),
      },
      { kind: 'insert', table: 'evidence', rows: this.disputed.flatMap((c) => newEvidence(c).map(toRow)) },
      {
        kind: 'insert',
        table: 'comment',
        rows: this.commented.filter((c) => c.basedOn === 0).map((c) => toRow(c.state)),
      },
      {
        kind: 'update',
        table: 'comment',
        set: commentSet,
        guard: ['version'],
        rows: this.commented
          .filter((c) => c.basedOn > 0)
          .map((c) => ({ ...toRow(c.state), [was('version')]: c.basedOn })),
      },
      { kind: 'insert', table: 'history', rows: histories.lines },
    ];
  }
}

const commentSet = columnsOf('comment').filter((column) => column !== 'id');
const disputeSet = columnsOf('dispute').filter((column) => column !== 'id');

/** A dispute that is stored for the first time brings all its evidence. */
const newEvidence = (change: DisputeChange) =>
  change.basedOn === 0 ? change.state.evidence : change.evidence ? [change.evidence] : [];
