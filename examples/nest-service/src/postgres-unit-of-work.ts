import { isActive, isUuid, limits, validateText, type Change, type Identity } from '@redress/domain';
import type {
  Adjustment,
  Comment,
  Dispatch,
  Dispute,
  ExceptionFacts,
  ReconException,
  Reply,
  Result,
  Session,
} from '@redress/domain';
import type { Transaction, UnitOfWork } from '@redress/domain';
import type { Pool, PoolClient } from 'pg';
import { add, all, endDispatches, facts, layDown, one, oneForUpdate } from './sql';
import { outrun, settle, unresolved, update } from './sql';

/** What a team says of all its cases. */
type LaidDown = Pick<ExceptionFacts, 'approvalPolicy' | 'reasonCodes' | 'ledger'>;

const storable = (i: Identity) => isUuid(i.transactionId) && !validateText(i.reason, limits.reason);

/** Every unit of work is one transaction, which locks the exceptions it loads until it ends. */
export class PostgresUnitOfWork implements UnitOfWork {
  constructor(private readonly pool: Pool) {}

  async run<T>(session: Session, work: (tx: Transaction) => Promise<Result<T>>): Promise<Result<T>> {
    for (let attempt = 1; ; attempt++) {
      const client = await this.pool.connect();
      try {
        await client.query('BEGIN; SAVEPOINT untouched');
        const { tx, keepReply } = transactionOver(client, session);
        const result = await work(tx);
        if (!result.ok || session.dryRun) await client.query('ROLLBACK TO SAVEPOINT untouched');
        if (!session.dryRun) await keepReply();
        await client.query('COMMIT');
        return result;
      } catch (error) {
        await client.query('ROLLBACK').catch(() => undefined);
        if (attempt === 20 || !outrun.has((error as { code?: unknown }).code)) throw error;
      } finally {
        client.release();
      }
    }
  }

  async list<T>(
    kind: 'history' | 'adjustment' | 'forced_match',
    tenant: string,
    exceptionId: string,
  ): Promise<T[]> {
    const { rows } = await this.pool.query<{ body: T }>(all, [tenant, kind, exceptionId]);
    return rows.map(({ body }) => body);
  }

  /** From now on; it comes with every case as a fact. */
  async layDown<F extends keyof LaidDown>(tenant: string, fact: F, what: LaidDown[F]): Promise<void> {
    await this.pool.query(layDown, [tenant, fact, JSON.stringify(what)]);
  }
}

function transactionOver(client: PoolClient, { tenant, replyKey }: Session) {
  let reply: Reply | undefined;
  const query = async <T>(sql: string, ...values: unknown[]) =>
    (await client.query<{ body: T }>(sql, [tenant, ...values])).rows.map(({ body }) => body);
  const find = async <T>(sql: string, kind: string, id: string) =>
    isUuid(id) ? (await query<T>(sql, kind, id.toLowerCase()))[0] : undefined;
  const save = async (kind: string, caseId: string, { basedOn, state, events }: Change<{ id: string }>) => {
    if (basedOn === 0) await query(add, kind, state.id, caseId, state);
    else if (!(await query(update, kind, state.id, state, basedOn)).length)
      throw Object.assign(new Error(`The ${kind} ${state.id} has changed`), { code: '40001' });
    for (const event of events) await query(add, 'history', event.id, caseId, event);
  };
  const load = async (id: string) => {
    const exception = await find<ReconException>(oneForUpdate, 'exception', id);
    if (!exception) return undefined;
    const disputes = (await query<Dispute>(all, 'dispute', exception.id)).filter(isActive);
    const activeDisputes = disputes.map(({ id, category }) => ({ id, category }));
    const live = (await query<Dispatch>(all, 'dispatch', exception.id)).filter((dispatch) => dispatch.live);
    const liveDispatches = live.map(({ id, target, externalReference }) => ({
      id,
      target,
      ...(externalReference && { externalReference }),
    }));
    const [laidDown] = await query<LaidDown | null>(facts);
    return { exception, facts: { activeDisputes, liveDispatches, ...laidDown } };
  };
  const reserve = async (dispatches: readonly Dispatch[]) => {
    for (const d of dispatches) await query(add, 'dispatch', d.id, d.exceptionId, d);
  };
  const tx: Transaction = {
    exceptions: {
      load,
      loadAll: async (ids) => {
        const distinct = [...new Set(ids.map((id) => id.toLowerCase()))].sort();
        const loaded = [];
        for (const id of distinct) loaded.push(await load(id));
        return loaded.filter((found) => found !== undefined);
      },
      unresolved: (identities) => {
        const pairs = identities.filter(storable).map((i) => [i.transactionId.toLowerCase(), i.reason]);
        return query(unresolved, JSON.stringify(pairs));
      },
      save: async (change) => {
        const { state, adjustment, match, dispatch, notes = [], endsDispatches } = change;
        await save('exception', state.id, change);
        if (adjustment) await query(add, 'adjustment', adjustment.id, state.id, adjustment);
        if (match) await query(add, 'forced_match', match.id, state.id, match);
        if (endsDispatches) await query(endDispatches, state.id);
        await reserve(dispatch ? [dispatch, ...notes] : notes);
      },
    },
    disputes: {
      load: async (id) => {
        const seen = await find<Dispute>(one, 'dispute', id);
        const loaded = seen && (await load(seen.exceptionId));
        const dispute = loaded && (await find<Dispute>(one, 'dispute', id));
        return dispute && { dispute, facts: loaded.facts };
      },
      save: (change) => save('dispute', change.state.exceptionId, change),
    },
    comments: {
      load: async (exceptionId, id) => {
        const comment = await find<Comment>(oneForUpdate, 'comment', id);
        const isThere = comment?.exceptionId === exceptionId.toLowerCase() && !comment.deletedAt;
        return isThere ? comment : undefined;
      },
      save: async (change) => {
        await save('comment', change.state.exceptionId, change);
        await reserve(change.notes ?? []);
      },
    },
    dispatches: {
      load: async (id) => {
        const seen = await find<Dispatch>(one, 'dispatch', id);
        const loaded = seen && (await load(seen.exceptionId));
        const dispatch = loaded && (await find<Dispatch>(one, 'dispatch', id));
        const ticket = dispatch?.ticketId && (await find<Dispatch>(one, 'dispatch', dispatch.ticketId));
        return dispatch && { ...loaded, dispatch, ...(ticket && { ticket }) };
      },
      save: async (change) => {
        await save('dispatch', change.state.exceptionId, change);
        if (change.attempt) await query(add, 'attempt', change.attempt.id, change.state.id, change.attempt);
        if (change.exception) await tx.exceptions.save(change.exception);
      },
    },
    adjustments: {
      load: async (id) => {
        const adjustment = await find<Adjustment>(one, 'adjustment', id);
        const loaded = adjustment && (await load(adjustment.exceptionId));
        if (!loaded) return undefined;
        const rows = await query<Adjustment>(all, 'adjustment', adjustment.exceptionId);
        const reversal = rows.find(({ reverses }) => reverses === adjustment.id);
        const posting = await find<Dispatch>(one, 'dispatch', adjustment.id);
        const { approvalPolicy } = loaded.facts as LaidDown;
        return {
          adjustment,
          exception: loaded.exception,
          ...(reversal && { reversedBy: reversal.id }),
          ...(posting && { carried: true }),
          ...(approvalPolicy && { approvalPolicy }),
        };
      },
    },
    replies: {
      find: async () => (await query<Reply>(one, 'reply', replyKey))[0],
      remember: async (given) => void (reply = given),
      settle: async (answer) => {
        await query(settle, 'reply', replyKey, answer);
      },
    },
  };
  return { tx, keepReply: async () => reply && replyKey && query(add, 'reply', replyKey, null, reply) };
}
