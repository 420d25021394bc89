/** A clock that stands until it is set. */
export class TestClock {
  private time: number;

  /** @param at a date, or its RFC 3339 text */
  constructor(at: Date | string) {
    this.time = timeOf(at);
  }

  /** The clock as desks and stores take it. */
  readonly now = (): Date => new Date(this.time);

  /** Sets the clock, back in time too. Throws on what is no date. */
  set(at: Date | string): void {
    this.time = timeOf(at);
  }

  /** Moves the clock by so many milliseconds. */
  advance(ms: number): void {
    this.time += ms;
  }
}

function timeOf(at: Date | string): number {
  const time = new Date(at).getTime();
  if (Number.isNaN(time))
    throw new Error(`TestClock cannot be set to "${String(at)}": give a date or its RFC 3339 text.`);
  return time;
}
