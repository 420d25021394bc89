const patienceMs = 1000;

/** What a route that anybody may ask waits for: no longer than a second. */
export async function withinPatience<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const lost = new Promise<never>((_, reject) => {
    timer = setTimeout(reject, patienceMs, new Error(`No answer within ${patienceMs} ms.`));
  });
  return Promise.race([work, lost]).finally(() => clearTimeout(timer));
}
