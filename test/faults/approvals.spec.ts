import { newId } from '../../apps/api/src/ids';
import type { Answer, Json } from '../support/app';
import { freshDatabase, type FreshDatabase } from '../support/database';
import { bearer, replayed, sendTo, type Send } from '../support/http-client';
import { historyFlaws, ownerOf, type Owner } from '../support/owner';
import { startService, stopServices, type RunningService } from '../support/service-process';

/** Each race anew, so that both can win. */
const rounds = 100;

let database: FreshDatabase;
let owner: Owner;
let services: RunningService[];
let doors: Send[];

const tenant = `tenant-${newId()}`;
const person = (actor: string) => bearer(tenant, actor);

const send = (
  door: Send,
  actor: string,
  path: string,
  body: object = {},
  more: Record<string, string> = {},
) => door({ path, headers: { ...person(actor), ...more }, body: JSON.stringify(body) });

async function made(answer: Promise<Answer>): Promise<Json> {
  const { status, text, body } = await answer;
  if (status >= 300) throw new Error(text);
  return body;
}

beforeAll(async () => {
  database = await freshDatabase();
  owner = ownerOf(database.url);
  services = await Promise.all([startService(database.url), startService(database.url)]);
  doors = services.map(({ url }) => sendTo(url));
  const rules = [
    { command: 'adjust_entry', currency: 'EUR', approvers: 1 },
    { command: 'adjust_entry', currency: 'BRL', approvers: 2 },
  ];
  const put = { method: 'PUT', path: '/v1/approval-policy', headers: person('ana') };
  await made(doors[0]!({ ...put, body: JSON.stringify({ rules }) }));
}, 60_000);

afterAll(async () => {
  await stopServices();
  await owner.end();
  await database.drop();
});

const adjustment = (currency: string) => ({
  amount: '150.50',
  currency,
  effectiveAt: '2026-01-01T00:00:00.000Z',
  reasonCode: 'FEE',
  notes: 'Seen.',
});

async function proposed(currency = 'EUR'): Promise<string> {
  const raised = await made(
    send(doors[0]!, 'ana', '/v1/exceptions', { transactionId: newId(), reason: 'Off' }),
  );
  const path = `/v1/exceptions/${raised.id}/adjust-entry`;
  const { pending } = await made(send(doors[0]!, 'ana', path, adjustment(currency)));
  expect(pending).toBe('approval');
  return raised.id as string;
}

const verdict = ({ status, body }: Answer): string =>
  [status, ...(status >= 300 ? [body.title] : [])].join(' ');

/** Sends both at once, each through a process of its own; returns the answers and the state afterwards. */
async function race(id: string, ...both: readonly (readonly [actor: string, what: string])[]) {
  const answers = await Promise.all(
    both.map(([actor, what], i) => send(doors[i]!, actor, `/v1/exceptions/${id}/${what}`)),
  );
  const [posted] = await owner.rows<{ count: number }>(
    'SELECT count(*)::int4 AS count FROM adjustment WHERE exception_id = $1',
    [id],
  );
  const [now] = await owner.rows<{ status: string }>('SELECT status FROM exception WHERE id = $1', [id]);
  return { answers: answers.map(verdict), posted: posted!.count, status: now!.status };
}

describe('two who decide at once on one proposal', () => {
  it(`are answered alike by one result, ${rounds} times`, async () => {
    for (let round = 0; round < rounds; round++) {
      const came = await race(await proposed(), ['ben', 'approve'], ['cyd', 'approve']);
      expect({ ...came, answers: came.answers.sort() }).toEqual({
        answers: ['200', '422 not_allowed'],
        posted: 1,
        status: 'RESOLVED',
      });
    }
    expect(await historyFlaws(owner)).toEqual([]);
  }, 120_000);

  it(`both count where it takes two, and it is posted once, ${rounds} times`, async () => {
    for (let round = 0; round < rounds; round++) {
      const came = await race(await proposed('BRL'), ['ben', 'approve'], ['cyd', 'approve']);
      expect(came).toEqual({ answers: ['200', '200'], posted: 1, status: 'RESOLVED' });
    }
  }, 120_000);

  it(`count once where it is the same person, ${rounds} times`, async () => {
    for (let round = 0; round < rounds; round++) {
      const came = await race(await proposed('BRL'), ['ben', 'approve'], ['ben', 'approve']);
      expect({ ...came, answers: came.answers.sort() }).toEqual({
        answers: ['200', '422 already_approved'],
        posted: 0,
        status: 'PENDING_RESOLUTION',
      });
    }
  }, 120_000);

  it(`approve or withdraw, and not both, ${rounds} times`, async () => {
    for (let round = 0; round < rounds; round++) {
      const came = await race(await proposed(), ['ben', 'approve'], ['ana', 'withdraw']);
      const isApproved = came.answers[0] === '200';
      expect(came).toEqual(
        isApproved
          ? { answers: ['200', '422 not_allowed'], posted: 1, status: 'RESOLVED' }
          : { answers: ['422 not_allowed', '200'], posted: 0, status: 'OPEN' },
      );
    }
    expect(await historyFlaws(owner)).toEqual([]);
  }, 120_000);
});

describe('two who decide at once on one proposed reversal', () => {
  /** An adjustment that was approved, and is to be taken back. */
  async function reversing(currency: string): Promise<string> {
    const id = await proposed(currency);
    const approvers = currency === 'BRL' ? ['ben', 'cyd'] : ['ben'];
    for (const actor of approvers) await made(send(doors[0]!, actor, `/v1/exceptions/${id}/approve`));
    const [row] = await owner.rows<{ id: string }>('SELECT id FROM adjustment WHERE exception_id = $1', [id]);
    const path = `/v1/adjustments/${row!.id}/reverse`;
    expect((await made(send(doors[1]!, 'ana', path, { reason: 'Wrong.' }))).pending).toBe('approval');
    return id;
  }

  const reopened = async (id: string): Promise<number> =>
    (await owner.rows('SELECT 1 FROM exception WHERE reversal_of = $1', [id])).length;

  it(`post it once, ${rounds} times`, async () => {
    for (let round = 0; round < rounds; round++) {
      const id = await reversing('EUR');
      const came = await race(id, ['ben', 'approve'], ['cyd', 'approve']);
      expect({ ...came, answers: came.answers.sort() }).toEqual({
        answers: ['200', '422 not_allowed'],
        posted: 2,
        status: 'RESOLVED',
      });
      expect(await reopened(id)).toBe(1);
    }
    expect(await historyFlaws(owner)).toEqual([]);
  }, 240_000);

  it(`both count where it takes two, and it is posted once, ${rounds} times`, async () => {
    for (let round = 0; round < rounds; round++) {
      const id = await reversing('BRL');
      const came = await race(id, ['ben', 'approve'], ['cyd', 'approve']);
      expect(came).toEqual({ answers: ['200', '200'], posted: 2, status: 'RESOLVED' });
      expect(await reopened(id)).toBe(1);
    }
  }, 240_000);

  it(`approve or withdraw, and not both, ${rounds} times`, async () => {
    for (let round = 0; round < rounds; round++) {
      const id = await reversing('EUR');
      const came = await race(id, ['ben', 'approve'], ['ana', 'withdraw']);
      const isApproved = came.answers[0] === '200';
      expect(came).toEqual({
        answers: isApproved ? ['200', '422 not_allowed'] : ['422 not_allowed', '200'],
        posted: isApproved ? 2 : 1,
        status: 'RESOLVED',
      });
      expect(await reopened(id)).toBe(isApproved ? 1 : 0);
    }
    expect(await historyFlaws(owner)).toEqual([]);
  }, 240_000);
});

describe('a process that is killed between the proposal and its approval', () => {
  it('loses neither, nor the alarm', async () => {
    const raised = await made(
      send(doors[0]!, 'ana', '/v1/exceptions', { transactionId: newId(), reason: 'Off' }),
    );
    const keys = [newId(), newId()].map((key) => ({ 'x-idempotency-key': key }));
    const path = `/v1/exceptions/${raised.id}`;
    const first = await startService(database.url);
    const given = await send(sendTo(first.url), 'ana', `${path}/adjust-entry`, adjustment('EUR'), keys[0]);
    await first.kill('SIGKILL');
    const again = await send(doors[0]!, 'ana', `${path}/adjust-entry`, adjustment('EUR'), keys[0]);
    expect([again.text, replayed(again)]).toEqual([given.text, 'true']);
    const alarms = await owner.rows('SELECT 1 FROM graphile_worker._private_jobs WHERE key = $1', [
      `deadline:${raised.id}`,
    ]);
    expect(alarms).toHaveLength(1);

    const second = await startService(database.url);
    const approved = await send(sendTo(second.url), 'ben', `${path}/approve`, {}, keys[1]);
    await second.kill('SIGKILL');
    expect(approved.body.status).toBe('RESOLVED');
    expect(replayed(await send(doors[1]!, 'ben', `${path}/approve`, {}, keys[1]))).toBe('true');
    const { body } = await doors[1]!({ method: 'GET', path: `${path}/adjustments`, headers: person('ana') });
    expect(body.items).toHaveLength(1);
    expect(await historyFlaws(owner)).toEqual([]);
  }, 60_000);
});
