import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Far more than any of this work takes, for a busy machine. */
const deadlineMs = 180_000;

type Outcome = Readonly<{ value: string } | { error: string }>;

/**
 * Single-flight across the worker processes of a test run: the first test file that asks for `name` does the work in a
 * folder of the run, the others wait for its outcome. Jest started by itself, not through `npm test`, has no such folder:
 * then each test file works in the folder that it gives.
 */
export async function oncePerRun(
  name: string,
  folder: string,
  work: (folder: string) => Promise<string>,
): Promise<string> {
  const run = process.env['REDRESS_RUN_FOLDER'];
  if (run === undefined) return work(folder);
  const place = path.join(run, name);
  const file = path.join(run, `${name}.json`);
  if (isCreated(place)) {
    const outcome: Outcome = await work(place).then(
      (value) => ({ value }),
      (error: unknown) => ({ error: String(error) }),
    );
    // Appears with its whole content.
    writeFileSync(`${file}.draft`, JSON.stringify(outcome));
    renameSync(`${file}.draft`, file);
  }
  const end = Date.now() + deadlineMs;
  for (; !existsSync(file); await pause(50))
    if (Date.now() > end) throw new Error(`Another test file has not finished "${name}" in time.`);
  const outcome = JSON.parse(readFileSync(file, 'utf8')) as Outcome;
  if ('error' in outcome) throw new Error(outcome.error);
  return outcome.value;
}

/** Whether this call has created the folder: only one can. */
function isCreated(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}
