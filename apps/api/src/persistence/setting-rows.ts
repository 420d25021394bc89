import type { ReplyStore, Session } from '@redress/domain';
import type { PolicyTransaction, PolicyVersion } from '../approvals/approval-policy';
import type { Write } from './commit';
import type { Connection } from './connections';
import { PostgresTransaction } from './postgres-transaction';
import { toPolicyVersion, toRow } from './rows';

export const latestPolicy =
  'SELECT * FROM approval_policy WHERE tenant_id = $1 ORDER BY version DESC LIMIT 1';

/** Reads at once and buffers what is added, as a transaction of the desk does; replies are kept like the desk's. */
export class PolicyRows implements PolicyTransaction {
  readonly replies: ReplyStore;
  private readonly desk: PostgresTransaction;
  private readonly added: PolicyVersion[] = [];

  constructor(
    private readonly connection: Connection,
    private readonly session: Session,
    options: Readonly<{ locking: boolean; replyExpiry: () => Date }>,
  ) {
    this.desk = new PostgresTransaction(connection, session, options);
    this.replies = this.desk.replies;
  }

  readonly policies: PolicyTransaction['policies'] = {
    latest: async () => {
      const [row] = await this.connection.query({ text: latestPolicy }, [this.session.tenant]);
      return row && toPolicyVersion(row);
    },
    add: async (version) => {
      this.added.push(version);
    },
  };

  replyWrites(): Write[] {
    return this.desk.replyWrites();
  }

  writes(): Write[] {
    return [{ kind: 'insert', table: 'approval_policy', rows: this.added.map(toRow) }, ...this.replyWrites()];
  }
}
