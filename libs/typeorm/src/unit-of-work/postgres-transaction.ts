import {
  isUuid,
  textKey,
  type AdjustmentStore,
  type CommentStore,
  type Dispatch,
  type DispatchStore,
  type DisputeStore,
  type ExceptionStore,
  type HistoryEvent,
  type Identity,
  type ReconException,
  type Reply,
  type ReplyStore,
  type Session,
  type Transaction,
} from '@redress/domain';
import type { Write } from './commit';
import type { TenantSession, Statement } from '../database/tenant-pool';
import { facts, replyIn } from './facts';
import { Histories } from './histories';
import { PendingChanges } from './pending-changes';
import {
  fromJsonRow,
  toAdjustment,
  toComment,
  toDispatch,
  toDispute,
  toException,
  toRow,
} from '../entities/mapping';
import type { Row } from '../entities/entity-schemas';
import {
  loadAdjustment,
  loadDispatch,
  loadDispute,
  lockAdjustment,
  lockDispatch,
  loadException,
  loadReply,
  loadLatest,
  loadUnresolved,
  lockDispute,
  lockException,
  loadComment,
  loadExceptions,
  lockExceptions,
  lockUnresolved,
} from './load-statements';

/** Reads at once, buffers what is saved; `writes` is all of it, for one statement. */
export class PostgresTransaction implements Transaction {
  private readonly histories: Histories;
  /** Each exception that was loaded, as it was. */
  private readonly loaded = new Map<string, ReconException>();
  private readonly changes = new PendingChanges();
  private final: string | undefined;
  private readonly dispatchesLoaded = new Map<string, Dispatch>();
  private reply: Reply | undefined;
  /** undefined = not looked for yet. */
  private earlier: Reply | null | undefined;

  constructor(
    private readonly pg: TenantSession,
    private readonly session: Session,
    private readonly options: Readonly<{
      locking: boolean;
      replyExpiry: () => Date;
      /** Called with each row that a command is about, before it is read; throws when it has to wait. */
      about: (id: string) => void;
    }>,
  ) {
    this.histories = new Histories(session.tenant);
  }

  readonly exceptions: ExceptionStore = {
    load: async (id) => {
      const known = this.known(id);
      if (this.options.locking) await this.ask(lockException, [known]);
      const [row] = await this.ask(loadException, [known, this.session.replyKey ?? null]);
      if (!row?.['id']) return undefined;
      return { exception: this.recordLoaded(row), facts: facts(row) };
    },
    loadAll: async (ids) => {
      const known = [...new Set(ids.filter(isUuid).map((id) => id.toLowerCase()))];
      if (this.options.locking) await this.ask(lockExceptions, [known]);
      const rows = await this.ask(loadExceptions, [known, this.session.replyKey ?? null]);
      const ofAll = rows.find((row) => !row['id']);
      return rows
        .filter((row) => row['id'])
        .map((row) => ({ exception: this.recordLoaded(row), facts: facts(row, ofAll) }));
    },
    unresolved: (identities) => this.withIdentities(loadUnresolved, identities),
    latest: (identities) => this.withIdentities(loadLatest, identities),
    save: async (change) => {
      if (change.basedOn === 0) this.histories.begin(change.state.id);
      await this.append(change.state.id, change.events);
      this.changes.saved.push(change);
    },
  };

  readonly disputes: DisputeStore = {
    load: async (id) => {
      const known = this.known(id);
      if (this.options.locking) await this.ask(lockDispute, [known]);
      const [row] = await this.ask(loadDispute, [known, this.session.replyKey ?? null]);
      if (!row?.['id']) return undefined;
      this.histories.resume(row['exception_id'] as string, row);
      const evidence = (row['evidence'] ?? []) as Row[];
      return { dispute: toDispute(row, evidence), facts: facts(row) };
    },
    save: async (change) => {
      await this.append(change.state.exceptionId, change.events);
      this.changes.disputed.push(change);
    },
  };

  readonly comments: CommentStore = {
    load: async (exceptionId, id) => {
      const known = [this.known(exceptionId), isUuid(id) ? id : null];
      if (this.options.locking) await this.ask(lockException, [known[0]]);
      const [row] = await this.ask(loadComment, [...known, this.session.replyKey ?? null]);
      if (!row?.['id']) return undefined;
      this.histories.resume(row['exception_id'] as string, row);
      return toComment(row);
    },
    save: async (change) => {
      await this.append(change.state.exceptionId, change.events);
      this.changes.commented.push(change);
    },
  };

  readonly dispatches: DispatchStore = {
    load: async (id) => {
      const known = this.known(id);
      if (this.options.locking) await this.ask(lockDispatch, [known]);
      const [row] = await this.ask(loadDispatch, [known, this.session.replyKey ?? null]);
      if (!row?.['id']) return undefined;
      const { dispatch, ticket } = row as { dispatch: Row; ticket: Row | null };
      const loaded = toDispatch(fromJsonRow('dispatch', dispatch));
      this.dispatchesLoaded.set(loaded.id, loaded);
      return {
        dispatch: loaded,
        exception: this.recordLoaded(row),
        facts: facts(row),
        ...(ticket && { ticket: toDispatch(fromJsonRow('dispatch', ticket)) }),
      };
    },
    save: async (change) => {
      await this.append(change.state.exceptionId, change.events);
      if (change.exception) await this.exceptions.save(change.exception);
      const wasLive = this.dispatchesLoaded.get(change.state.id)?.live ?? change.state.live;
      this.changes.dispatched.push({ ...change, wasLive });
    },
  };

  readonly adjustments: AdjustmentStore = {
    load: async (id) => {
      const known = this.known(id);
      if (this.options.locking) await this.ask(lockAdjustment, [known]);
      const [row] = await this.ask(loadAdjustment, [known, this.session.replyKey ?? null]);
      if (!row?.['id']) return undefined;
      const { adjustment, adjustment_amount: amount, reversed_by: reversedBy, carried } = row;
      const { approvalPolicy } = facts(row);
      return {
        adjustment: toAdjustment({ ...fromJsonRow('adjustment', adjustment as Row), amount }),
        exception: this.recordLoaded(row),
        ...(reversedBy !== null && { reversedBy: reversedBy as string }),
        ...(carried === true && { carried: true }),
        ...(approvalPolicy && { approvalPolicy }),
      };
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

  writes(): Write[] {
    return [...this.changes.writes(this.session.tenant, this.loaded, this.histories), ...this.replyWrites()];
  }

  private known(id: string): string | null {
    if (!isUuid(id)) return null;
    this.options.about(id);
    return id;
  }

  private async ask(statement: Statement, values: readonly unknown[]): Promise<Row[]> {
    const rows = await this.pg.query(statement, [this.session.tenant, ...values]);
    const [row] = rows;
    if (row ? 'reply_answer' in row : statement === loadReply)
      this.earlier = replyIn(rows.find(({ reply_answer: answer }) => answer !== null)) ?? null;
    return rows;
  }

  private async withIdentities(
    statement: Statement,
    identities: readonly Identity[],
  ): Promise<readonly ReconException[]> {
    // What cannot be stored has not been: no text holds U+0000.
    const sound = identities.filter(
      ({ transactionId, reason }) => isUuid(transactionId) && !reason.includes('\0'),
    );
    const ids = sound.map(({ transactionId }) => transactionId);
    const keys = sound.map(({ reason }) => textKey(reason));
    if (this.options.locking) await this.ask(lockUnresolved, [ids, keys]);
    const rows = await this.ask(statement, [ids, keys, this.session.replyKey ?? null]);
    const found = new Map(rows.filter((row) => row['id']).map((row) => [row['id'] as string, row]));
    return [...found.values()].map((row) => this.recordLoaded(row));
  }

  private recordLoaded(row: Row): ReconException {
    const exception = toException(row);
    this.histories.resume(exception.id, row);
    this.loaded.set(exception.id, exception);
    return exception;
  }

  private async append(exceptionId: string, events: readonly HistoryEvent[]): Promise<void> {
    // Desks load what they save, which brings the head along; any other caller pays for the query.
    if (!this.histories.has(exceptionId)) await this.exceptions.load(exceptionId);
    this.histories.append(exceptionId, events);
  }
}
