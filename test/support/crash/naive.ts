import { commit, type Write } from '../../../apps/api/src/persistence/commit';
import { PostgresTransaction } from '../../../apps/api/src/persistence/postgres-transaction';
import type { UnitsOfWork } from './process';

/**
 * What everybody writes first: each table is written by a statement of its own, one after the other. `order` says which
 * of them comes first; what is not named keeps its place behind those that are.
 */
export const oneAfterTheOther =
  (order: readonly string[]): UnitsOfWork =>
  (connections) => ({
    run: (session, work) =>
      connections.use(session.tenant, async (connection) => {
        const replyExpiry = () => new Date(Date.now() + 3_600_000);
        const tx = new PostgresTransaction(connection, session, { locking: false, replyExpiry });
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
