/** What no request may exceed. */
export const bounds = {
  /** Times of JSON.parse for the same bytes. */
  ratio: 20,
  /** The longest answer of /health/live meanwhile. */
  liveMs: 200,
  /** An answer to a body that is refused. */
  answerBytes: 16_000,
  /** What memory may grow by while clients hold connections, in MB. */
  memoryMb: 100,
} as const;

export async function timed(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
