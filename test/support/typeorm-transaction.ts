import {
  isUuid,
  textKey,
  type AdjustmentStore,
  type CommentStore,
  type DispatchStore,
  type DisputeStore,
  type ExceptionStore,
  type ReplyStore,
  type Transaction,
} from '@redress/domain';
import { In } from 'typeorm';
import type { Row } from '../../libs/typeorm/src/entities/entity-schemas';
import {
  toAdjustment,
  toComment,
  toDispatch,
  toDispute,
  toException,
} from '../../libs/typeorm/src/entities/mapping';
import { deadlineTask } from '../../libs/typeorm/src/jobs/deadline-jobs';
import { dispatchTask } from '../../libs/typeorm/src/jobs/job-spec';
import { genesis } from '../../libs/typeorm/src/unit-of-work/history-chain';
import type { Scope } from '../../libs/typeorm/src/unit-of-work/typeorm-unit-of-work';
import { DeskRows } from './typeorm-rows';

const anyId = (id: string): string | undefined => (isUuid(id) ? id.toLowerCase() : undefined);

/**
 * The desk's transaction in plain TypeORM: repositories and pessimistic locks, one statement for each row. It is slow and
 * easy to read, and keeps the same contract as the one-statement commit of the service: each is a check of the other.
 */
export class TypeOrmTransaction implements Transaction {
  readonly replies: ReplyStore;
  private readonly rows: DeskRows;
  private readonly onAccept: Scope['onAccept'];

  constructor({ rows, replies, onAccept }: Scope) {
    this.rows = new DeskRows(rows.manager, rows.tenant);
    this.replies = replies;
    this.onAccept = onAccept;
  }

  readonly exceptions: ExceptionStore = {
    load: async (id) => {
      const row = await this.lockedException(anyId(id));
      return row && { exception: toException(row), facts: await this.rows.facts(row['id'] as string) };
    },
    loadAll: async (ids) => {
      const known = [...new Set(ids.flatMap((id) => anyId(id) ?? []))].sort();
      const loaded = await inTurn(known, (id) => this.exceptions.load(id));
      return loaded.flatMap((one) => one ?? []);
    },
    unresolved: async (identities) => {
      const found = await inTurn(
        identities.filter(({ transactionId, reason }) => isUuid(transactionId) && !reason.includes('\0')),
        ({ transactionId, reason }) =>
          this.rows.one('exception', {
            transaction_id: transactionId,
            reason_key: textKey(reason),
            status: In(unresolved),
          }),
      );
      const ids = new Set(found.flatMap((row) => (row ? [row['id'] as string] : [])));
      const rows = await inTurn([...ids].sort(), (id) => this.lockedException(id));
      return rows.flatMap((row) => (row && row['status'] !== 'RESOLVED' ? [toException(row)] : []));
    },
    latest: async (identities) => {
      const open = await this.exceptions.unresolved(identities);
      const closed = await inTurn(
        identities.filter(({ transactionId, reason }) => isUuid(transactionId) && !reason.includes('\0')),
        ({ transactionId, reason }) =>
          this.rows.one(
            'exception',
            { transaction_id: transactionId, reason_key: textKey(reason), status: 'RESOLVED' },
            { order: { resolved_at: 'DESC', id: 'DESC' } },
          ),
      );
      const latest = [...closed.flatMap((row) => (row ? [toException(row)] : [])), ...open];
      return [...new Map(latest.map((one) => [`${one.transactionId} ${textKey(one.reason)}`, one])).values()];
    },
    save: async (change) => {
      const {
        basedOn,
        state,
        events,
        adjustment,
        match,
        dispatch,
        notes = [],
        endsDispatches,
        deadline,
      } = change;
      this.onAccept(async () => {
        if (basedOn === 0)
          await this.rows.insert('exception', state, { history_seq: 0, history_head: genesis.hash });
        else await this.rows.update('exception', { id: state.id, version: basedOn }, state);
        await this.rows.append(state.id, events);
        if (adjustment) await this.rows.insert('adjustment', adjustment);
        if (match) await this.rows.insert('forced_match', match);
        if (endsDispatches)
          await this.rows.of('dispatch').update(this.rows.where({ exception_id: state.id }), { live: false });
        for (const reserved of [...(dispatch ? [dispatch] : []), ...notes]) await this.rows.reserve(reserved);
        if (deadline !== undefined) await this.rows.schedule(deadlineTask, state.id, deadline);
      });
    },
  };

  readonly disputes: DisputeStore = {
    load: async (id) => {
      const row = await this.rows.lockedWith('dispute', anyId(id));
      if (!row) return undefined;
      const evidence = await this.rows.of('evidence').find({
        where: this.rows.where({ dispute_id: row['id'] as string }),
        order: { id: 'ASC' },
      });
      return {
        dispute: toDispute(row, evidence),
        facts: await this.rows.facts(row['exception_id'] as string),
      };
    },
    save: async ({ basedOn, state, events, evidence }) => {
      this.onAccept(async () => {
        if (basedOn === 0) await this.rows.insert('dispute', state);
        else await this.rows.update('dispute', { id: state.id, version: basedOn }, state);
        for (const piece of basedOn === 0 ? state.evidence : evidence ? [evidence] : [])
          await this.rows.insert('evidence', piece, { dispute_id: state.id });
        await this.rows.append(state.exceptionId, events);
      });
    },
  };

  readonly comments: CommentStore = {
    load: async (exceptionId, id) => {
      const row = await this.rows.lockedWith('comment', anyId(id));
      return row?.['exception_id'] === anyId(exceptionId) && row && !row['deleted_at']
        ? toComment(row)
        : undefined;
    },
    save: async ({ basedOn, state, events, notes = [] }) => {
      this.onAccept(async () => {
        if (basedOn === 0) await this.rows.insert('comment', state);
        else await this.rows.update('comment', { id: state.id, version: basedOn }, state);
        await this.rows.append(state.exceptionId, events);
        for (const note of notes) await this.rows.reserve(note);
      });
    },
  };

  readonly dispatches: DispatchStore = {
    load: async (id) => {
      const row = await this.rows.lockedWith('dispatch', anyId(id));
      const loaded = row && (await this.exceptions.load(row['exception_id'] as string));
      if (!row || !loaded) return undefined;
      const ticketId = row['ticket_id'] as string | null;
      const ticket = ticketId === null ? null : await this.rows.one('dispatch', { id: ticketId });
      return { ...loaded, dispatch: toDispatch(row), ...(ticket && { ticket: toDispatch(ticket) }) };
    },
    save: async ({ basedOn, state, events, attempt, exception }) => {
      this.onAccept(async () => {
        await this.rows.update('dispatch', { id: state.id, version: basedOn }, state);
        if (attempt) await this.rows.insert('dispatch_attempt', attempt);
        await this.rows.append(state.exceptionId, events);
        if (state.nextAttemptAt !== undefined)
          await this.rows.schedule(dispatchTask, state.id, state.nextAttemptAt);
      });
      if (exception) await this.exceptions.save(exception);
    },
  };

  readonly adjustments: AdjustmentStore = {
    load: async (id) => {
      const row = await this.rows.lockedWith('adjustment', anyId(id));
      const loaded = row && (await this.exceptions.load(row['exception_id'] as string));
      if (!row || !loaded) return undefined;
      const reversal = await this.rows.one('adjustment', { reverses: row['id'] as string });
      const posting = await this.rows.one('dispatch', { id: row['id'] as string });
      const { approvalPolicy } = loaded.facts;
      return {
        adjustment: toAdjustment(row),
        exception: loaded.exception,
        ...(reversal && { reversedBy: reversal['id'] as string }),
        ...(posting && { carried: true as const }),
        ...(approvalPolicy && { approvalPolicy }),
      };
    },
  };
  private async lockedException(id: string | undefined): Promise<Row | undefined> {
    return (id !== undefined && (await this.rows.locked('exception', { id }))) || undefined;
  }
}

const unresolved = ['OPEN', 'ASSIGNED', 'PENDING_RESOLUTION'];

/** One after the other, since a transaction has one connection. */
async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}
