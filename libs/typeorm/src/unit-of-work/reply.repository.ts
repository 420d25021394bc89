import type { Reply, ReplyStore } from '@redress/domain';
import { LessThanOrEqual, MoreThan } from 'typeorm';
import { toRow } from '../entities/mapping';
import type { TenantRows } from './tenant-rows';

/** The reply to one idempotency key, by TypeORM. What is remembered is written by `write`. */
export class ReplyRepository implements ReplyStore {
  private change: ((key: string) => Promise<unknown>) | undefined;

  constructor(
    private readonly rows: TenantRows,
    private readonly key: string | undefined,
    private readonly replyHours: number,
  ) {}

  async find(): Promise<Reply | undefined> {
    const { key, rows } = this;
    const row =
      key !== undefined && (await rows.one('idempotency', { key, expires_at: MoreThan(new Date()) }));
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
      const { rows, replyHours } = this;
      const now = Date.now();
      const expires_at = new Date(now + replyHours * 3_600_000);
      const values = { provisional_until: null, ...toRow(reply), expires_at };
      // It takes the place of an expired one; where there is a live one, the key is taken.
      const expired = rows.where({ key, expires_at: LessThanOrEqual(new Date(now)) });
      const { affected } = await rows.of('idempotency').update(expired, values);
      if (!affected) await rows.of('idempotency').insert({ tenant_id: rows.tenant, key, ...values });
    };
  }

  async settle(answer: string): Promise<void> {
    this.change = (key) => {
      const { rows } = this;
      const provisional = rows.where({ key, provisional_until: MoreThan(new Date()) });
      const final = { answer, provisional_until: null };
      return rows.expectChanged(1, rows.of('idempotency').update(provisional, final));
    };
  }

  async write(): Promise<void> {
    if (this.key !== undefined) await this.change?.(this.key);
  }
}
