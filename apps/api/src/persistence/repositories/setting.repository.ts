import type { ReplyStore, Session, SettingTransaction, SettingVersion } from '@redress/domain';
import type { Write } from '../unit-of-work/commit';
import type { Connection } from '../database/tenant-pool';
import { PostgresTransaction } from '../unit-of-work/postgres-transaction';
import { toRow, toVersion } from '../entities/mapping';

/** A table of versions for each kind of setting. */
export type SettingTable = 'approval_policy' | 'reason_codes';

export const latestOf = (table: SettingTable): string =>
  `SELECT * FROM ${table} WHERE tenant_id = $1 ORDER BY version DESC LIMIT 1`;

/** Reads at once and buffers what is added, as a transaction of the desk does; replies are kept like the desk's. */
export class SettingRows<Value extends object> implements SettingTransaction<Value> {
  readonly replies: ReplyStore;
  private readonly desk: PostgresTransaction;
  private readonly added: SettingVersion<Value>[] = [];

  constructor(
    private readonly table: SettingTable,
    private readonly connection: Connection,
    private readonly session: Session,
    options: Readonly<{ locking: boolean; replyExpiry: () => Date }>,
  ) {
    this.desk = new PostgresTransaction(connection, session, options);
    this.replies = this.desk.replies;
  }

  readonly versions: SettingTransaction<Value>['versions'] = {
    latest: async () => {
      const [row] = await this.connection.query({ text: latestOf(this.table) }, [this.session.tenant]);
      return row && toVersion<Value>(row);
    },
    add: async (version) => {
      this.added.push(version);
    },
  };

  replyWrites(): Write[] {
    return this.desk.replyWrites();
  }

  writes(): Write[] {
    return [{ kind: 'insert', table: this.table, rows: this.added.map(toRow) }, ...this.replyWrites()];
  }
}
