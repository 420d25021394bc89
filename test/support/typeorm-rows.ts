import {
  activeDisputeStates,
  type ApprovalPolicy,
  type Dispatch,
  type ExceptionFacts,
  type HistoryEvent,
  type Session,
} from '@redress/domain';
import { In, IsNull, MoreThan, type EntityManager, type FindOptionsWhere, type Repository } from 'typeorm';
import {
  columnsOf,
  entitySchemas,
  typeOf,
  type Row,
  type TableName,
} from '../../apps/api/src/persistence/entities/entity-schemas';
import { cellOf, toDispatch } from '../../apps/api/src/persistence/entities/mapping';
import { dispatchTask } from '../../apps/api/src/persistence/unit-of-work/dispatch-writes';
import { historyRow } from '../../apps/api/src/persistence/unit-of-work/history-chain';

type Where = FindOptionsWhere<Row>;

/** The rows of one tenant, by TypeORM's repositories, within one transaction. */
export class TypeOrmRows {
  constructor(
    private readonly manager: EntityManager,
    private readonly session: Session,
  ) {}

  /** Matches replies that have not expired. */
  get alive(): Where {
    return { expires_at: MoreThan(new Date()) };
  }

  table(name: TableName): Repository<Row> {
    return this.manager.getRepository<Row>(entitySchemas[name]);
  }

  where(columns: Where): Where {
    return { tenant_id: this.session.tenant, ...columns };
  }

  one(name: TableName, columns: Where): Promise<Row | null> {
    return this.table(name).findOneBy(this.where(columns));
  }

  /** The exception, which nobody else changes until the transaction has ended. */
  async locked(id: string | undefined): Promise<Row | undefined> {
    if (id === undefined) return undefined;
    const lock = { mode: 'pessimistic_write' } as const;
    return (await this.table('exception').findOne({ where: this.where({ id }), lock })) ?? undefined;
  }

  /** A row that belongs to an exception, read once the exception is locked. */
  async lockedWith(name: TableName, id: string | undefined): Promise<Row | undefined> {
    const row = id !== undefined && (await this.one(name, { id }));
    if (!row) return undefined;
    await this.locked(row['exception_id'] as string);
    return (await this.one(name, { id })) ?? undefined;
  }

  async insert(name: TableName, state: object, more: Row = {}): Promise<void> {
    await this.table(name).insert({ tenant_id: this.session.tenant, ...rowOf(name, state), ...more });
  }

  update(name: TableName, columns: Where, state: object): Promise<void> {
    const { id: _same, ...row } = rowOf(name, state);
    return this.changed(this.table(name).update(this.where(columns), row));
  }

  /** Fails as a lost race does when no row was changed. */
  async changed(update: Promise<{ affected?: number | undefined }>): Promise<void> {
    const { affected } = await update;
    if (affected !== 1) throw Object.assign(new Error('another transaction was faster'), { code: 'RD001' });
  }

  async append(exceptionId: string, events: readonly HistoryEvent[]): Promise<void> {
    for (const event of events) {
      const row = await this.one('exception', { id: exceptionId });
      const head = { seq: row?.['history_seq'] as number, hash: row?.['history_head'] as Buffer };
      const line = historyRow(this.session.tenant, head, event);
      await this.table('history').insert({ tenant_id: this.session.tenant, ...line });
      await this.table('exception').update(this.where({ id: exceptionId }), {
        history_seq: line.seq,
        history_head: line.hash,
      });
    }
  }

  async reserve(dispatch: Dispatch): Promise<void> {
    await this.insert('dispatch', dispatch);
    if (dispatch.nextAttemptAt !== undefined)
      await this.schedule(dispatchTask, dispatch.id, dispatch.nextAttemptAt);
  }

  async schedule(task: string, id: string, at: string): Promise<void> {
    await this.manager.query('SELECT graphile_worker.add_job($1, $2, run_at := $3, job_key := $4)', [
      task,
      { tenant: this.session.tenant, id },
      at,
      `${task}:${id}`,
    ]);
  }

  async facts(exceptionId: string): Promise<ExceptionFacts> {
    const latest = (name: TableName) =>
      this.table(name).findOne({ where: this.where({}), order: { version: 'DESC' } });
    const disputes = await this.table('dispute').find({
      where: this.where({ exception_id: exceptionId, state: In([...activeDisputeStates]) }),
      order: { id: 'ASC' },
    });
    const dispatches = await this.table('dispatch').find({
      where: this.where({ exception_id: exceptionId, live: true }),
      order: { id: 'ASC' },
    });
    const policy = await latest('approval_policy');
    const reasons = await latest('reason_codes');
    const ledger = await this.one('connection', { target: 'LEDGER', enabled: true, deleted_at: IsNull() });
    return {
      activeDisputes: disputes.map(({ id, category }) => ({
        id,
        category,
      })) as ExceptionFacts['activeDisputes'],
      liveDispatches: dispatches.map(toDispatch).map(({ id, target, externalReference }) => ({
        id,
        target,
        ...(externalReference && { externalReference }),
      })),
      ...(policy && {
        approvalPolicy: { version: policy['version'], rules: policy['rules'] } as ApprovalPolicy,
      }),
      ...(reasons && { reasonCodes: reasons['accepted'] as NonNullable<ExceptionFacts['reasonCodes']> }),
      ...(ledger && { ledger: true as const }),
    };
  }
}

/** A domain object as a row in which TypeORM writes lists and records as JSON. */
const rowOf = (name: TableName, state: object): Row =>
  Object.fromEntries(
    columnsOf(name)
      .filter((column) => !storeOnly.has(column))
      .map((column) => {
        const cell = cellOf(column)(state) ?? null;
        const isJson = typeOf(name, column) === 'json' && cell !== null;
        return [column, isJson ? (JSON.parse(cell as string) as unknown) : cell];
      }),
  );

/** Columns that are no field of the domain object. */
const storeOnly = new Set(['history_seq', 'history_head', 'dispute_id', 'expires_at']);
