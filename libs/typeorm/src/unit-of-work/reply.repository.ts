import type { Reply, ReplyStore } from '@redress/domain';
import { Raw } from 'typeorm';
import { toRow } from '../entities/mapping';
import type { TenantRows } from './tenant-rows';

/** By the clock of the database, as every statement compares deadlines. */
const inFuture = Raw((column) => `${column} > statement_timestamp()`);
const past = Raw((column) => `${column} <= statement_timestamp()`);

/** The reply to one idempotency key, by TypeORM. What is remembered is written by `write`. */
export class ReplyRepository implements ReplyStore {
  private change: ((key: string) => Promise<unknown>) | undefined;

  constructor(
    private readonly rows: TenantRows,
    private readonly key: string | undefined,
    private readonly replyExpiry: () => Date,
  ) {}

  async find(): Promise<Reply | undefined> {
    const { key, rows } = this;
    const row = key !== undefined && (await rows.one('idempotency', { key, expires_at: inFuture }));
    if (!row) return undefined;
    const until = row['provisional_until'] as Date | null;
    return {
      fingerprint: row['fingerprint'] as string,
      answer: row['answer'] as string,
      ...(until && { provisionalUntil: until.toISOString() }),
    };
  }

  async remember(reply: Reply): Promise<void> {
    this.change = async (key) => {
      const { rows } = this;
      const expires_at = this.replyExpiry();
      const values = { provisional_until: null, ...toRow(reply), expires_at };
      // It takes the place of an expired one; where there is a live one, the key is taken.
      const expired = rows.where({ key, expires_at: past });
      const { affected } = await rows.of('idempotency').update(expired, values);
      if (!affected) await rows.of('idempotency').insert({ tenant_id: rows.tenant, key, ...values });
    };
  }

  async settle(answer: string): Promise<void> {
    this.change = (key) => {
      const { rows } = this;
      const provisional = rows.where({ key, provisional_until: inFuture });
      const final = { answer, provisional_until: null };
      return rows.expectChanged(1, rows.of('idempotency').update(provisional, final));
    };
  }

  async write(): Promise<void> {
    if (this.key !== undefined) await this.change?.(this.key);
  }
}
