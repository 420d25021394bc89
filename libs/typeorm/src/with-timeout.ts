/**
 * A deadline that this process keeps itself: answers what `work` answers, or throws `late()` after `ms` milliseconds.
 * The work is not stopped by it; the caller closes whatever the work still waits for.
 */
export async function withTimeout<T>(ms: number, work: Promise<T>, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), ms);
  });
  return Promise.race([work, deadline]).finally(() => clearTimeout(timer));
}
