import { newId } from '../../apps/api/src/ids';
import type { Answer } from '../support/app';
import { startTwoProcesses, type TwoProcesses } from '../support/two-processes';
import { bearer, type Send } from '../support/http-client';
import { historyFlaws } from '../support/owner';

const races = 100;

let pair: TwoProcesses;

beforeAll(async () => {
  pair = await startTwoProcesses();
}, 60_000);

afterAll(() => pair.close());

const headers = bearer(`tenant-${newId()}`);
const post = (door: Send, path: string, body: object): Promise<Answer> =>
  door({ path, headers, body: JSON.stringify(body) });

async function adjusted(door: Send): Promise<string> {
  const report = { transactionId: newId(), reason: 'Mismatch' };
  const { id } = (await post(door, '/v1/exceptions', report)).body;
  const posting = { effectiveAt: '2025-01-15T10:30:00.000Z', reasonCode: 'FEE', notes: 'A fee.' };
  await post(door, `/v1/exceptions/${id}/adjust-entry`, { amount: '1.50', currency: 'BRL', ...posting });
  return id;
}

describe('two reversals of one adjustment, in two processes at once', () => {
  it(`are one and a refusal that names it, ${races} times of ${races}`, async () => {
    for (let race = 0; race < races; race++) {
      const exceptionId = await adjusted(pair.doors[race % 2]!);
      const [{ id }] = (await pair.owner.rows('SELECT id FROM adjustment WHERE exception_id = $1', [
        exceptionId,
      ])) as [{ id: string }];
      const answers = await Promise.all(
        pair.doors.map((door) => post(door, `/v1/adjustments/${id}/reverse`, { reason: 'Posted twice.' })),
      );
      const [first, second] = answers.sort((a, b) => a.status - b.status) as [Answer, Answer];
      expect([first.status, second.status]).toEqual([201, 422]);
      expect(second.body).toMatchObject({
        title: 'already_reversed',
        details: { adjustmentId: id, reversedBy: first.body.reversal.id },
      });
    }
    const [counts] = await pair.owner.rows(
      `SELECT count(*) FILTER (WHERE reverses IS NULL)::int AS posted,
         count(*) FILTER (WHERE reverses IS NOT NULL)::int AS reversed, count(DISTINCT reverses)::int AS distinct FROM adjustment`,
    );
    expect(counts).toEqual({ posted: races, reversed: races, distinct: races });
    const [open] = await pair.owner.rows(
      'SELECT count(*)::int AS count, count(DISTINCT reversal_of)::int AS of FROM exception WHERE reversal_of IS NOT NULL',
    );
    expect(open).toEqual({ count: races, of: races });
    expect(await historyFlaws(pair.owner)).toEqual([]);
  }, 60_000);
});
