import type { DeskLoad } from './desk-load';
import { historyFlaws, type Owner } from './owner';
import { until } from './until';

/** For a machine with other things to do. */
export const slackMs = 1000;

/** What was promised: how soon a request is answered, and how soon after the healing rightly. */
export type Promised = Readonly<{ answeredWithinMs: number; servedWithinMs: number }>;

/** Every request was answered in time, with 503 and Retry-After if not rightly, and rightly soon after the healing. */
export function expectGoodService(load: DeskLoad, healedAt: number, promised: Promised): void {
  const { answeredWithinMs, servedWithinMs } = promised;
  const late = load.requests.filter(({ tookMs }) => tookMs > answeredWithinMs + slackMs);
  expect(late).toEqual([]);
  const refused = load.requests.filter(({ status }) => status === 503);
  expect(refused.filter(({ retryAfter }) => retryAfter !== '1')).toEqual([]);
  const unserved = refused.filter(({ sentAt }) => sentAt > healedAt + servedWithinMs + slackMs);
  expect(unserved).toEqual([]);
}

/** Until each kind of request that was sent after the healing has been answered rightly. */
export async function served(load: DeskLoad, healedAt: number, { servedWithinMs }: Promised): Promise<void> {
  const kinds = () =>
    new Set(
      load.requests
        .filter(({ status, sentAt }) => status < 300 && sentAt >= healedAt)
        .map(({ kind }) => kind),
    );
  await until(() => kinds().size === 4, servedWithinMs + slackMs);
}

/** What was answered is there, once. */
export async function expectOnce(owner: Owner, load: DeskLoad): Promise<void> {
  const found = await owner.rows<{ id: string; status: string; seqs: number[] }>(
    `SELECT e.id, e.status, (SELECT array_agg(h.seq ORDER BY h.seq) FROM history h WHERE h.exception_id = e.id) AS seqs
     FROM exception e`,
  );
  expect(found.map(({ id }) => id).sort()).toEqual([...load.finished].sort());
  expect(found.filter(({ status, seqs }) => status !== 'RESOLVED' || seqs.join() !== '1,2')).toEqual([]);
  const twice = 'SELECT transaction_id FROM exception GROUP BY transaction_id HAVING count(*) > 1';
  expect(await owner.rows(twice)).toEqual([]);
  expect(await historyFlaws(owner)).toEqual([]);
}
