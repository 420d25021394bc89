import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { reasonOf } from '../database/start-failure';
import type { Log } from './log';

/** How often a process says that it is alive. One that says nothing for five times as long is dead (`redress_beat`). */
const beatMs = 1000;
/** After so many beats that failed in a row, nothing is known about other processes. */
const most = 3;

/**
 * Heartbeat of this process in a table. Unlike a lock of a session it also tells of a machine that is gone without a goodbye,
 * and it works behind a pooler that lends sessions for one transaction. Who beats releases the jobs of the dead.
 */
export class JobProcess {
  readonly id = randomUUID();
  /** How many processes are alive, this one included; 1 until it is known. */
  alive = 1;
  private readonly pools = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private failed = 0;
  private beating = false;
  private beat: () => Promise<void> = async () => undefined;

  /** Begins to beat; the first beat has been tried when it resolves. */
  async start(pool: Pick<Pool, 'query'>, log: Log): Promise<void> {
    this.beat = () => this.beatOnce(pool, log);
    this.timer = setInterval(() => void this.beat(), beatMs).unref();
    await this.beat();
  }

  /** What a pool of workers locks is its own as long as this process beats for it. */
  watch(poolId: string): void {
    this.pools.add(poolId);
    void this.beat();
  }

  /** A pool of workers has ended. What it has left locked is released as that of a dead process is. */
  forget(poolId: string): void {
    this.pools.delete(poolId);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async beatOnce(pool: Pick<Pool, 'query'>, log: Log): Promise<void> {
    if (this.beating) return;
    this.beating = true;
    try {
      const ids = [this.id, ...this.pools];
      const beat = 'SELECT redress_beat($1, $2) AS alive';
      const { rows } = await pool.query<{ alive: number }>(beat, [ids, this.id]);
      [this.failed, this.alive] = [0, Math.max(1, rows[0]?.alive ?? 1)];
    } catch (error) {
      if (++this.failed === most) log.warn(`this process cannot say that it is alive: ${reasonOf(error)}`);
    } finally {
      this.beating = false;
    }
  }
}
