import {
  activeDisputeStates,
  limits,
  type ApprovalPolicy,
  type Dispatch,
  type ExceptionFacts,
  type HistoryEvent,
} from '@redress/domain';
import { In, IsNull } from 'typeorm';
import type { Row, TableName } from '../../libs/typeorm/src/entities/entity-schemas';
import { toDispatch } from '../../libs/typeorm/src/entities/mapping';
import { jobPriority } from '@redress/domain/integrations';
import { addJobs } from './add-jobs';
import { scheduledJob } from '../../libs/typeorm/src/jobs/job-spec';
import { TenantRows } from '../../libs/typeorm/src/unit-of-work/tenant-rows';
import { dispatchTask } from '../../libs/typeorm/src/jobs/job-spec';
import { historyRow } from '../../libs/typeorm/src/unit-of-work/history-chain';

/** The rows of one tenant, with what belongs to an exception. */
export class DeskRows extends TenantRows {
  /** A row that belongs to an exception, read once the exception is locked. */
  async lockedWith(name: TableName, id: string | undefined): Promise<Row | undefined> {
    const row = id !== undefined && (await this.one(name, { id }));
    if (!row) return undefined;
    await this.locked('exception', { id: row['exception_id'] as string });
    return (await this.one(name, { id })) ?? undefined;
  }

  async append(exceptionId: string, events: readonly HistoryEvent[]): Promise<void> {
    for (const event of events) {
      const row = await this.one('exception', { id: exceptionId });
      const head = { seq: row?.['history_seq'] as number, hash: row?.['history_head'] as Buffer };
      const line = historyRow(this.tenant, head, event);
      await this.of('history').insert({ tenant_id: this.tenant, ...line });
      await this.of('exception').update(this.where({ id: exceptionId }), {
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
    await addJobs(
      (sql, values) => this.manager.query(sql, values),
      [scheduledJob(task, this.tenant, id, jobPriority.dispatch, at)],
    );
  }

  async facts(exceptionId: string): Promise<ExceptionFacts> {
    const latest = (name: TableName) => this.one(name, {}, { order: { version: 'DESC' } });
    const disputes = await this.of('dispute').find({
      where: this.where({ exception_id: exceptionId, state: In([...activeDisputeStates]) }),
      order: { id: 'ASC' },
    });
    const dispatches = await this.of('dispatch').find({
      where: this.where({ exception_id: exceptionId, live: true }),
      order: { id: 'ASC' },
    });
    const policy = await latest('approval_policy');
    const reasons = await latest('reason_codes');
    const ledger = await this.one('connection', { target: 'LEDGER', enabled: true, deleted_at: IsNull() });
    const comments = await this.of('comment').count({ where: this.where({ exception_id: exceptionId }) });
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
      ...(comments >= limits.comments && { commentsFull: true as const }),
    };
  }
}
