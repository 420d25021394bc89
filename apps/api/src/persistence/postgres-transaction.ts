import {
  isUuid,
  type CommentChange,
  type CommentStore,
  type Dispatch,
  type DispatchStore,
  type DisputeChange,
  type DisputeStore,
  type ExceptionChange,
  type ExceptionFacts,
  type ExceptionStore,
  type HistoryEvent,
  type ReconException,
  type Reply,
  type ReplyStore,
  type Session,
  type Transaction,
} from '@redress/domain';
import { was, type Write } from './commit';
import type { Connection, Statement } from './connections';
import { dispatchWrites, type MovedDispatch } from './dispatch-writes';
import { genesis, historyRow, type Head } from './history-chain';
import {
  cellOf,
  changedRow,
  fromJsonRow,
  toComment,
  toDispatch,
  toDispute,
  toException,
  toRow,
} from './rows';
import { columnsOf, type Row } from './tables';
import {
  loadDispatch,
  loadDispute,
  lockDispatch,
  loadException,
  loadReply,
  loadUnresolved,
  lockDispute,
  lockException,
  loadComment,
  loadExceptions,
  lockExceptions,
  lockUnresolved,
} from './statements';

/** Reads at once, buffers what is saved; `writes` is all of it, for one statement. */
export class PostgresTransaction implements Transaction {
  /** End of the history of each exception that was loaded, and where it is after what was saved. */
  private readonly heads = new Map<string, { stored: Head; now: Head }>();
  /** Each exception that was loaded, as it was. */
  private readonly loaded = new Map<string, ReconException>();
  private readonly saved: ExceptionChange[] = [];
  private readonly disputed: DisputeChange[] = [];
  private readonly commented: CommentChange[] = [];
  private readonly dispatched: MovedDispatch[] = [];
  private final: string | undefined;
  private readonly lines: Row[] = [];
  private readonly dispatchesLoaded = new Map<string, Dispatch>();
  private reply: Reply | undefined;
  /** undefined = not looked for yet. */
  private earlier: Reply | null | undefined;

  constructor(
    private readonly connection: Connection,
    private readonly session: Session,
    private readonly options: Readonly<{ locking: boolean; replyExpiry: () => Date }>,
  ) {}

  readonly exceptions: ExceptionStore = {
    load: async (id) => {
      const known = isUuid(id) ? id : null;
      if (this.options.locking) await this.ask(lockException, [known]);
      const [row] = await this.ask(loadException, [known, this.session.replyKey ?? null]);
      if (!row?.['id']) return undefined;
      return { exception: this.met(row), facts: facts(row) };
    },
    loadAll: async (ids) => {
      const known = [...new Set(ids.filter(isUuid))];
      if (this.options.locking) await this.ask(lockExceptions, [known]);
      const rows = await this.ask(loadExceptions, [known, this.session.replyKey ?? null]);
      return rows.filter((row) => row['id']).map((row) => ({ exception: this.met(row), facts: facts(row) }));
    },
    unresolved: async (identities) => {
      // What cannot be stored has not been: no text holds U+0000.
      const sound = identities.filter(
        ({ transactionId, reason }) => isUuid(transactionId) && !reason.includes('\0'),
      );
      const ids = sound.map(({ transactionId }) => transactionId);
      const reasons = sound.map(({ reason }) => reason);
      if (this.options.locking) await this.ask(lockUnresolved, [ids, reasons]);
      const rows = await this.ask(loadUnresolved, [ids, reasons, this.session.replyKey ?? null]);
      const found = new Map(rows.filter((row) => row['id']).map((row) => [row['id'] as string, row]));
      return [...found.values()].map((row) => this.met(row));
    },
    save: async (change) => {
      if (change.basedOn === 0) this.heads.set(change.state.id, { stored: genesis, now: genesis });
      await this.append(change.state.id, change.events);
      this.saved.push(change);
    },
  };

  readonly disputes: DisputeStore = {
    load: async (id) => {
      const known = isUuid(id) ? id : null;
      if (this.options.locking) await this.ask(lockDispute, [known]);
      const [row] = await this.ask(loadDispute, [known, this.session.replyKey ?? null]);
      if (!row?.['id']) return undefined;
      this.remember(row['exception_id'] as string, row);
      const { evidence, ...rest } = state(row);
      return { dispute: toDispute(rest, (evidence as Row[] | null) ?? []), facts: facts(row) };
    },
    save: async (change) => {
      await this.append(change.state.exceptionId, change.events);
      this.disputed.push(change);
    },
  };

  readonly comments: CommentStore = {
    load: async (exceptionId, id) => {
      const known = [exceptionId, id].map((text) => (isUuid(text) ? text : null));
      if (this.options.locking) await this.ask(lockException, [known[0]]);
      const [row] = await this.ask(loadComment, [...known, this.session.replyKey ?? null]);
      if (!row?.['id']) return undefined;
      this.remember(row['exception_id'] as string, row);
      return toComment(state(row));
    },
    save: async (change) => {
      await this.append(change.state.exceptionId, change.events);
      this.commented.push(change);
    },
  };

  readonly dispatches: DispatchStore = {
    load: async (id) => {
      const known = isUuid(id) ? id : null;
      if (this.options.locking) await this.ask(lockDispatch, [known]);
      const [row] = await this.ask(loadDispatch, [known, this.session.replyKey ?? null]);
      if (!row?.['id']) return undefined;
      const { dispatch, ticket } = row as { dispatch: Row; ticket: Row | null };
      const loaded = toDispatch(fromJsonRow('dispatch', dispatch));
      this.dispatchesLoaded.set(loaded.id, loaded);
      return {
        dispatch: loaded,
        exception: this.met(row),
        facts: facts(row),
        ...(ticket && { ticket: toDispatch(fromJsonRow('dispatch', ticket)) }),
      };
    },
    save: async (change) => {
      await this.append(change.state.exceptionId, change.events);
      if (change.exception) await this.exceptions.save(change.exception);
      const wasLive = this.dispatchesLoaded.get(change.state.id)?.live ?? change.state.live;
      this.dispatched.push({ ...change, wasLive });
    },
  };

  readonly replies: ReplyStore = {
    find: async () => {
      if (this.session.replyKey === undefined) return undefined;
      if (this.earlier === undefined) await this.ask(loadReply, [this.session.replyKey]);
      return this.earlier ?? undefined;
    },
    remember: async (reply) => {
      if (this.session.replyKey !== undefined) this.reply = reply;
    },
    settle: async (answer) => {
      this.final = answer;
    },
  };

  /** The reply alone: what a refusal leaves behind. */
  replyWrites(): Write[] {
    const { replyKey } = this.session;
    if (replyKey === undefined) return [];
    if (this.final !== undefined)
      return [{ kind: 'settle_reply', rows: [{ key: replyKey, answer: this.final }] }];
    if (!this.reply) return [];
    const expires = { expires_at: this.options.replyExpiry() };
    return [{ kind: 'reply', rows: [{ key: replyKey, ...toRow(this.reply), ...expires }] }];
  }

  /** Everything, in the fixed order: exceptions by id, what belongs to them, disputes, history, reply. */
  writes(): Write[] {
    const exceptions = [...this.saved].sort((a, b) => (a.state.id < b.state.id ? -1 : 1));
    const told = new Set(exceptions.map(({ state }) => state.id));
    const headsAlone = [
      ...new Set(
        [...this.disputed, ...this.commented, ...this.dispatched]
          .filter(({ events }) => events.length > 0)
          .map(({ state }) => state.exceptionId),
      ),
    ].filter((id) => !told.has(id));
    const newCell = ({ state }: ExceptionChange, column: string): unknown => {
      if (column === 'history_seq') return this.heads.get(state.id)?.now.seq;
      return column === 'history_head' ? this.heads.get(state.id)?.now.hash : cellOf(state, column);
    };
    const moved = this.disputed.filter(({ basedOn }) => basedOn > 0);
    return [
      { kind: 'insert', table: 'exception', rows: exceptions.filter((c) => c.basedOn === 0), cell: newCell },
      this.update(exceptions.filter((c) => c.basedOn > 0)),
      {
        kind: 'update',
        table: 'exception',
        set: headSet,
        guard: ['history_seq'],
        rows: headsAlone.map((id) => ({ id, ...this.guarded(id) })),
      },
      {
        kind: 'insert',
        table: 'adjustment',
        rows: exceptions.flatMap((c) => (c.adjustment ? [toRow(c.adjustment)] : [])),
      },
      ...dispatchWrites(
        this.session.tenant,
        [
          ...exceptions.flatMap(({ dispatch, notes = [] }) => (dispatch ? [dispatch, ...notes] : notes)),
          ...this.commented.flatMap(({ notes = [] }) => notes),
        ],
        this.dispatched,
      ),
      ...exceptions.flatMap((c): Write[] =>
        c.endsDispatches ? [{ kind: 'end_dispatches', rows: [{ exception_id: c.state.id }] }] : [],
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
      { kind: 'insert', table: 'history', rows: this.lines },
      ...this.replyWrites(),
    ];
  }

  /** Of a single exception only what changed is written; among many, each has changed in its own way. */
  private update(changes: readonly ExceptionChange[]): Write {
    const [first, ...others] = changes;
    const before = first && this.loaded.get(first.state.id);
    const changed = before && others.length === 0 ? changedRow(before, first.state) : undefined;
    const guards = ({ basedOn, state: { id } }: ExceptionChange): Row => ({
      id,
      ...this.guarded(id),
      [was('version')]: basedOn,
      [was('seen_count')]: this.loaded.get(id)?.seenCount,
    });
    return {
      kind: 'update',
      table: 'exception',
      set: changed ? [...Object.keys(changed), ...headSet] : exceptionSet,
      guard: exceptionGuard,
      rows: changes.map((change) => ({ ...(changed ?? toRow(change.state)), ...guards(change) })),
    };
  }

  private async ask(statement: Statement, values: readonly unknown[]): Promise<Row[]> {
    const rows = await this.connection.query(statement, [this.session.tenant, ...values]);
    const [row] = rows;
    if (row && 'reply_answer' in row) this.earlier = replyIn(row);
    else if (statement === loadReply) this.earlier = null;
    return rows;
  }

  private met(row: Row): ReconException {
    const exception = toException(state(row));
    this.remember(exception.id, row);
    this.loaded.set(exception.id, exception);
    return exception;
  }

  private remember(exceptionId: string, row: Row): void {
    const head: Head = { seq: row['history_seq'] as number, hash: row['history_head'] as Buffer };
    this.heads.set(exceptionId, { stored: head, now: head });
  }

  private async append(exceptionId: string, events: readonly HistoryEvent[]): Promise<void> {
    // Desks load what they save, which brings the head along; whoever does not pays for the look.
    if (!this.heads.has(exceptionId)) await this.exceptions.load(exceptionId);
    const heads = this.heads.get(exceptionId);
    if (!heads) throw new Error(`there is no exception ${exceptionId} whose history could go on`);
    for (const event of events) {
      const line = historyRow(this.session.tenant, heads.now, event);
      heads.now = line;
      this.lines.push(line);
    }
  }

  private guarded(exceptionId: string): Row {
    const heads = this.heads.get(exceptionId);
    return {
      history_seq: heads?.now.seq,
      history_head: heads?.now.hash,
      [was('history_seq')]: heads?.stored.seq,
    };
  }
}

const exceptionSet = columnsOf('exception').filter((column) => column !== 'id');
/** Sightings are counted without a new version, so the count itself tells whether one came between. */
const exceptionGuard = ['version', 'history_seq', 'seen_count'];
const headSet = ['history_seq', 'history_head'];
const commentSet = columnsOf('comment').filter((column) => column !== 'id');
const disputeSet = columnsOf('dispute').filter((column) => column !== 'id');

/** A dispute that is stored for the first time brings all its evidence. */
const newEvidence = (change: DisputeChange) =>
  change.basedOn === 0 ? change.state.evidence : change.evidence ? [change.evidence] : [];

function facts(row: Row): ExceptionFacts {
  const dispatches = (row['live_dispatches'] ?? []) as (Pick<Dispatch, 'id' | 'target'> & {
    externalReference: string | null;
  })[];
  return {
    activeDisputes: (row['active_disputes'] ?? []) as ExceptionFacts['activeDisputes'],
    liveDispatches: dispatches.map(({ id, target, externalReference }) => ({
      id,
      target,
      ...(externalReference !== null && { externalReference }),
    })) as ExceptionFacts['liveDispatches'],
  };
}

/** The row without what was selected beside the aggregate's own columns. */
function state(row: Row): Row {
  const {
    active_disputes,
    live_dispatches,
    dispatch,
    ticket,
    reply_fingerprint,
    reply_answer,
    reply_provisional_until,
    ...own
  } = row;
  return own;
}

function replyIn(row: Row): Reply | null {
  const { reply_fingerprint: fingerprint, reply_answer: answer, reply_provisional_until: until } = row;
  if (typeof fingerprint !== 'string' || typeof answer !== 'string') return null;
  // Prepared statements bring text, others a Date.
  const provisionalUntil = until instanceof Date ? until.toISOString() : (until as string | null);
  return { fingerprint, answer, ...(provisionalUntil && { provisionalUntil }) };
}
