import type { ReplyStore, Session } from '@redress/domain';
import type { ConnectionChange, ConnectionTarget, ConnectionTransaction } from '@redress/domain/integrations';
import { was, type Write } from '../unit-of-work/commit';
import type { Connection } from '../database/tenant-pool';
import { PostgresTransaction } from '../unit-of-work/postgres-transaction';
import { connectionRow, toConnection, toRow } from '../entities/mapping';
import { columnsOf } from '../entities/entity-schemas';

/** Reads at once and buffers what is saved, as a transaction of the desk does; replies are kept like the desk's. */
export class ConnectionRows implements ConnectionTransaction {
  readonly replies: ReplyStore;
  private readonly desk: PostgresTransaction;
  private readonly saved: ConnectionChange[] = [];

  constructor(
    private readonly connection: Connection,
    private readonly session: Session,
    private readonly options: Readonly<{ locking: boolean; replyExpiry: () => Date }>,
  ) {
    this.desk = new PostgresTransaction(connection, session, options);
    this.replies = this.desk.replies;
  }

  readonly connections = {
    load: async (target: ConnectionTarget) => {
      const lock = this.options.locking ? 'FOR UPDATE' : '';
      const [row] = await this.connection.query(
        { text: `SELECT * FROM connection WHERE tenant_id = $1 AND target = $2 ${lock}` },
        [this.session.tenant, target],
      );
      return row && toConnection(row);
    },
    save: async (change: ConnectionChange) => {
      this.saved.push(change);
    },
  };

  replyWrites(): Write[] {
    return this.desk.replyWrites();
  }

  writes(): Write[] {
    return [
      ...this.saved.map(({ basedOn, state }): Write => {
        const row = connectionRow(state);
        return basedOn === 0
          ? { kind: 'insert', table: 'connection', rows: [row] }
          : {
              kind: 'update',
              table: 'connection',
              set: columnsOf('connection').filter((column) => column !== 'id'),
              guard: ['version'],
              rows: [{ ...row, [was('version')]: basedOn }],
            };
      }),
      { kind: 'insert', table: 'connection_change', rows: this.saved.map(({ event }) => toRow(event)) },
      ...this.replyWrites(),
    ];
  }
}
