/** What a piece of work is to the pool: `heavy` are reads whose cost grows with what the tenant has stored. */
export type Weight = 'light' | 'heavy';

/** How many pieces of work may hold a connection at the same time. */
export type ShareLimits = Readonly<{ all: number; tenant: number; heavy: number; heavyOfTenant: number }>;

/** The shares of a pool: others always find a connection beside one tenant, and light work beside heavy work. */
export function shareLimits(connections: number): ShareLimits {
  const heavy = Math.max(1, Math.floor(connections * 0.3));
  return {
    all: connections,
    tenant: Math.max(1, Math.ceil(connections * 0.8)),
    heavy,
    heavyOfTenant: Math.max(1, heavy - 1),
  };
}

/**
 * Error codes of a piece of work that has waited too long for its share: the database is not away. The codes of our own
 * functions in the database, RD001 and RD002, are others.
 */
export const busyStates = { tenant: 'RD006', heavy: 'RD003', all: 'RD004' } as const;

type Waiting = { readonly weight: Weight; readonly start: () => void };
type Held = { all: number; heavy: number; waiting: Waiting[] };

/**
 * Fair queue for the connections of one pool: tenants take turns, and each has a share. What waits holds nothing. Without it,
 * a pool serves those who ask most.
 */
export class PoolShares {
  private readonly tenants = new Map<string, Held>();
  private all = 0;
  private heavy = 0;

  constructor(
    private readonly limits: ShareLimits,
    private readonly waitMs: number,
  ) {}

  /** Takes a place; undefined when there is one at once, else a promise of it that fails when it takes too long. */
  take(tenant: string, weight: Weight): Promise<void> | undefined {
    let held = this.tenants.get(tenant);
    if (!held) this.tenants.set(tenant, (held = { all: 0, heavy: 0, waiting: [] }));
    if (!this.lacking(held, weight) && !held.waiting.some((one) => one.weight === weight)) {
      this.count(held, weight, 1);
      return undefined;
    }
    return this.wait(held, tenant, weight);
  }

  /** Gives a place back; the tenant that has waited longest has the next turn. */
  give(tenant: string, weight: Weight): void {
    const held = this.tenants.get(tenant);
    if (held) this.count(held, weight, -1);
    this.forgetIdle(tenant);
    this.startWaiting();
  }

  private startWaiting(): void {
    for (const [tenant, held] of [...this.tenants]) {
      const index = held.waiting.findIndex(({ weight }) => !this.lacking(held, weight));
      const [next] = index < 0 ? [] : held.waiting.splice(index, 1);
      if (!next) continue;
      this.count(held, next.weight, 1);
      // Its next turn comes after those of the others.
      this.tenants.delete(tenant);
      this.tenants.set(tenant, held);
      next.start();
      if (this.all >= this.limits.all) return;
    }
  }

  private wait(held: Held, tenant: string, weight: Weight): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        held.waiting.splice(held.waiting.indexOf(waiting), 1);
        const lacking = this.lacking(held, weight) ?? 'tenant';
        this.forgetIdle(tenant);
        reject(Object.assign(new Error('no connection of the pool was free'), { code: busyStates[lacking] }));
      }, this.waitMs);
      const waiting: Waiting = {
        weight,
        start: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      held.waiting.push(waiting);
    });
  }

  private lacking(held: Held, weight: Weight): keyof typeof busyStates | undefined {
    const { all, tenant, heavy, heavyOfTenant } = this.limits;
    if (weight === 'heavy' && (this.heavy >= heavy || held.heavy >= heavyOfTenant)) return 'heavy';
    if (held.all >= tenant) return 'tenant';
    return this.all >= all ? 'all' : undefined;
  }

  private count(held: Held, weight: Weight, change: 1 | -1): void {
    held.all += change;
    this.all += change;
    if (weight === 'light') return;
    held.heavy += change;
    this.heavy += change;
  }

  private forgetIdle(tenant: string): void {
    const held = this.tenants.get(tenant);
    if (held && held.all === 0 && held.waiting.length === 0) this.tenants.delete(tenant);
  }
}
