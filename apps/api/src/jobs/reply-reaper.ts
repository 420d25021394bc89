import type { DataSource } from 'typeorm';

const batch = 1000;

/** Deletes expired replies to idempotency keys in small batches. Several processes may do so at the same time. */
export class ReplyReaper {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly failed: (error: unknown) => void,
    private readonly everyMs = 10 * 60_000,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.reap().catch(this.failed), this.everyMs);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** How many were deleted. */
  async reap(): Promise<number> {
    for (let total = 0; ;) {
      const [{ gone }] = await this.dataSource.query<[{ gone: string }]>(
        'SELECT redress_reap_replies($1) AS gone',
        [batch],
      );
      total += Number(gone);
      if (Number(gone) < batch) return total;
    }
  }
}
