/** Where a process comes to grief: at which of its steps, and whether that was still taken. */
export type Failpoint = Readonly<{
  step: number;
  when: 'before' | 'after';
  /** Killed: nothing of it goes on. Cut off: what it waits for breaks, and it goes on as it sees fit. */
  how: 'killed' | 'cut off';
}>;

/** Killed before a step is what killed after the one before it is: nothing happens in between. */
export const everyWay: readonly Omit<Failpoint, 'step'>[] = [
  { when: 'after', how: 'killed' },
  { when: 'before', how: 'cut off' },
  { when: 'after', how: 'cut off' },
];

/** The rejection of what a killed process was waiting for. The service handles no error of this class. */
export class Killed extends Error {
  constructor() {
    super('the process was killed');
  }
}

/**
 * The life of a process: each thing that it has done outside of itself is a step. A step is either not taken, or taken
 * without the process learning of it; the side that takes it (the database, another system) does all or nothing.
 */
export class Life {
  readonly steps: string[] = [];
  /** Whether it got as far as its failpoint. */
  struck = false;
  private dead = false;

  /** `meddle`: what others do right before a step. */
  constructor(
    private readonly end?: Failpoint,
    private readonly meddle?: (step: string) => Promise<void>,
  ) {}

  isOver(): boolean {
    return this.dead;
  }

  async step<T>(name: string, take: () => Promise<T>): Promise<T> {
    if (this.isOver()) throw new Killed();
    const step = this.steps.push(name);
    const ways = this.end?.step === step ? this.end : undefined;
    await this.meddle?.(name);
    if (ways?.when === 'before') throw this.strike(ways);
    const taken = await take().finally(() => {
      if (ways) throw this.strike(ways);
    });
    // It may have been killed elsewhere while this was waited for.
    if (this.isOver()) throw new Killed();
    return taken;
  }

  private strike({ how }: Failpoint): Error {
    this.struck = true;
    this.dead = how === 'killed';
    // What the driver says of a connection that broke.
    return this.dead ? new Killed() : new Error('Connection terminated unexpectedly');
  }
}
