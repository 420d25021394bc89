/** Units of work of this process that may be about one row at the same time: one that changes it, and one that is next. */
const places = 2;
/** How long a unit of work waits for its turn in all, without a connection. */
export const turnWithinMs = 3000;

/** Thrown by a unit of work that has to wait for its turn; it holds no connection meanwhile, and is run again. */
export class RowBusy extends Error {
  /** Answered as contention: too many others are changing the same thing. */
  readonly code = 'RD005';

  constructor(readonly row: string) {
    super('too many units of work are about one row');
  }
}

type Gate = { inside: number; waiting: (() => void)[] };

/**
 * Bounds what one row holds of the pool: while another transaction keeps it locked, each command on it waits in the database
 * with a connection. The others wait here, in order.
 */
export class RowGates {
  private readonly gates = new Map<string, Gate>();

  /** Whether there is a place, which is taken then. */
  enter(row: string): boolean {
    const gate = this.gates.get(row) ?? { inside: 0, waiting: [] };
    if (gate.inside >= places) return false;
    gate.inside++;
    this.gates.set(row, gate);
    return true;
  }

  leave(row: string): void {
    const gate = this.gates.get(row);
    if (!gate) return;
    gate.inside--;
    const next = gate.waiting.shift();
    if (next) next();
    else if (gate.inside === 0) this.gates.delete(row);
  }

  /** Resolves when a place was given back, with whether that was in time. Another may take it first. */
  turn(row: string, waitMs: number): Promise<boolean> {
    const gate = this.gates.get(row);
    if (!gate || gate.inside < places) return Promise.resolve(true);
    return new Promise((resolve) => {
      const start = () => {
        clearTimeout(timer);
        resolve(true);
      };
      const timer = setTimeout(() => {
        gate.waiting.splice(gate.waiting.indexOf(start), 1);
        resolve(false);
      }, waitMs);
      gate.waiting.push(start);
    });
  }
}
