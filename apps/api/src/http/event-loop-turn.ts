import { setImmediate as nextTurn } from 'node:timers/promises';

/** A loop over many lines may hold the event loop this long, in milliseconds; other requests wait for it meanwhile. */
const sliceMs = 10;

/**
 * Gives the event loop a turn once a slice of time is used up, since `await` alone lets no socket or timer in between:
 * `const pause = turn.due(); if (pause) await pause;`.
 */
export class EventLoopTurn {
  private began = performance.now();

  /** Undefined while there is time left. What it returns otherwise has to be awaited before going on. */
  due(): Promise<void> | undefined {
    return performance.now() - this.began < sliceMs ? undefined : this.take();
  }

  private async take(): Promise<void> {
    await nextTurn();
    this.began = performance.now();
  }
}
