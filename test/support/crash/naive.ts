import { timestamp, type CommandMeta } from '@redress/domain';
import { newId } from '../../../apps/api/src/ids';
import { commit, type Write } from '../../../libs/typeorm/src/unit-of-work/commit';
import { PostgresTransaction } from '../../../libs/typeorm/src/unit-of-work/postgres-transaction';
import type { Process, UnitsOfWork } from './process';
import type { Scenario } from './scenarios';

/**
 * The naive implementation: each table is written by a statement of its own, one after the other. `order` says which
 * of them comes first; what is not named keeps its place behind those that are.
 */
export const oneAfterTheOther =
  (order: readonly string[]): UnitsOfWork =>
  (connections) => ({
    run: (session, work) =>
      connections.use(session.tenant, async (connection) => {
        const replyExpiry = () => new Date(Date.now() + 3_600_000);
        const tx = new PostgresTransaction(connection, session, {
          locking: false,
          replyExpiry,
          about: () => undefined,
        });
        const result = await work(tx);
        const writes = (result.ok ? tx.writes() : tx.replyWrites()).filter(({ rows }) => rows.length > 0);
        for (const write of writes.sort((a, b) => place(order, a) - place(order, b)))
          await commit(connection, session.tenant, [write]);
        return result;
      }),
  });

function place(order: readonly string[], write: Write): number {
  const at = order.indexOf('table' in write ? write.table : write.kind);
  return at < 0 ? order.length : at;
}

/** Asks the ledger at once, under an id made for this attempt, and writes it down when that is done. */
export const askedBeforeItIsReserved: Scenario = {
  name: 'ask first',
  ledger: [],
  doing: {
    actor: 'ana',
    do: async (process, { exceptionId }, meta) => {
      const found = await process.exceptions.find(meta.tenant, exceptionId);
      if (found.ok && found.value.exception.status !== 'RESOLVED') await post(process, exceptionId, meta);
      return process.exceptions.handle(exceptionId, { type: 'resolve', resolution: 'Booked.' }, meta);
    },
  },
  steps: [],
};

async function post(process: Process, exceptionId: string, { tenant, actor }: CommandMeta): Promise<void> {
  const ledger = await process.toLedger(tenant);
  const about = { exceptionId, transactionId: newId(), reason: 'Mismatch' };
  const who = { requestedBy: actor, requestedAt: timestamp(new Date()) };
  const posting = { type: 'forced_match', ...about, ...who, overrideReason: 'SEEN', notes: 'Seen.' } as const;
  const sent = await ledger?.post(newId(), posting, AbortSignal.timeout(10_000));
  if (sent?.outcome !== 'created') throw new Error('It has to be asked again.');
}
