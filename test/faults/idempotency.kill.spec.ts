import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { newId } from '../../apps/api/src/ids';
import type { Answer } from '../support/app';
import { freshDatabase, type FreshDatabase } from '../support/database';
import { bearer, essence, replayed, sendTo, type Outgoing, type Send } from '../support/http-client';
import { historyFlaws, ownerOf, type Owner } from '../support/owner';
import { inParallel, itWithSeed, shortOrLong, type Randomness } from '../support/seed';
import { compiledService, serviceEnvironment, stopServices } from '../support/service-process';

const kills = shortOrLong(20, 500);
const naiveKills = 4;
const clients = 16;
/** After the last kill, a client gives up on a request after this long, which fails the test. */
const patienceMs = 20_000;

let database: FreshDatabase;
let owner: Owner;
const loops: KillLoop[] = [];

beforeEach(async () => {
  database = await freshDatabase();
  owner = ownerOf(database.url);
});

afterEach(async () => {
  await Promise.all(loops.splice(0).map((loop) => loop.stop()));
  await owner.end();
  await database.drop();
}, 30_000);

afterAll(stopServices);

type Killing = Readonly<{ program: string; env: NodeJS.ProcessEnv; kills: number; seed: number }>;

/** A server that another process starts, kills and starts again; `send` goes to where it last listened. */
class KillLoop {
  readonly done: Promise<void>;
  killed = 0;
  private url: string | undefined;
  private readonly child: ChildProcess;
  private readonly ended: Promise<unknown>;

  constructor(killing: Killing) {
    const plan = JSON.stringify({ ...killing, liveMs: 400 });
    this.child = spawn(process.execPath, [path.resolve(__dirname, '../support/kill-loop.cjs'), plan], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.done = new Promise((resolve, reject) => {
      createInterface(this.child.stdout!).on('line', (line) => {
        const said = JSON.parse(line) as { url?: string; killed?: number; done?: true; failed?: string };
        this.url = said.url ?? this.url;
        this.killed = said.killed ?? this.killed;
        if (said.done) resolve();
        if (said.failed !== undefined) reject(new Error(said.failed));
      });
      void this.ended.then(() => reject(new Error('the kill loop ended')));
    });
    this.done.catch(() => undefined);
    loops.push(this);
  }

  readonly send: Send = async (request) => {
    if (this.url === undefined) throw new Error('not listening yet');
    return sendTo(this.url)(request);
  };

  async stop(): Promise<void> {
    this.child.stdin!.end();
    await this.ended;
  }
}

/** Retries, as clients do, whatever tells them that they do not know: until an answer is definite. */
async function untilDefinite(
  doors: readonly Send[],
  request: Outgoing,
  random: Randomness,
  patience: () => number,
): Promise<Answer> {
  for (;;) {
    const answer = await random
      .pick(doors)(request)
      .catch(() => undefined);
    if (answer && answer.status < 500 && answer.status !== 409) return answer;
    if (Date.now() > patience())
      throw new Error(`no definite answer to ${request.path}, but ${answer?.text ?? 'none'}`);
    await pause(20 + random.below(80));
  }
}

type Work = Readonly<{ key: string; request: Outgoing }>;
type Done = Work & Readonly<{ answer: Answer }>;

/** Clients that send piece after piece of work as long as servers are being killed. */
async function underFire(
  fire: readonly KillLoop[],
  pieces: (random: Randomness) => Iterator<Work, void, Answer>,
  random: Randomness,
): Promise<Done[]> {
  const doors = fire.map(({ send }) => send);
  let overAt = Infinity;
  const done: Done[] = [];
  const client = async () => {
    while (Date.now() < overAt) {
      const work = pieces(random);
      for (let next = work.next(undefined as never); !next.done;) {
        const answer = await untilDefinite(doors, next.value.request, random, () => overAt + patienceMs);
        done.push({ ...next.value, answer });
        next = work.next(answer);
      }
    }
  };
  const clientsDone = Promise.all(Array.from({ length: clients }, client));
  clientsDone.catch(() => undefined);
  try {
    await Promise.all(fire.map((loop) => loop.done));
    overAt = Date.now();
  } catch (error) {
    overAt = 0;
    throw error;
  }
  await clientsDone;
  return done;
}

/** What is wrong once the fire is over: effects that are not one per key, answers that a replay does not repeat. */
async function wrongs(
  done: readonly Done[],
  effects: ReadonlyMap<string, number>,
  send: Send,
): Promise<string[]> {
  const found = await inParallel(done, clients, async ({ key, request, answer }) => {
    const again = await send(request);
    const counted = effects.get(key) ?? 0;
    return [
      ...(answer.status < 300 ? [] : [`answered ${answer.status} ${answer.text}`]),
      ...(essence(again) === essence(answer) && replayed(again) === 'true' ? [] : ['replay differs']),
      ...(counted === 1 ? [] : [`${counted === 0 ? 'lost' : 'doubled'}: ${counted} effects`]),
    ].map((wrong) => `${request.path}: ${wrong}`);
  });
  return found.flat();
}

describe('a service that is killed at any instant', () => {
  itWithSeed(
    `has for each key one effect and one answer, after ${kills} kills`,
    async (random, seed) => {
      const tenant = `tenant-${newId()}`;
      const killing = {
        program: compiledService(),
        env: serviceEnvironment(database.url),
        kills: kills / 2,
      };
      const fire = [new KillLoop({ ...killing, seed }), new KillLoop({ ...killing, seed: seed + 1 })];
      const done = await underFire(fire, (random) => deskWork(tenant, random), random);

      expect(fire.map(({ killed }) => killed)).toEqual([kills / 2, kills / 2]);
      expect(done.length).toBeGreaterThan(kills);
      expect(await wrongs(done, await deskEffects(tenant), fire[0]!.send)).toEqual([]);
      expect(await historyFlaws(owner)).toEqual([]);
      const [counted] = await owner.rows(
        `SELECT (SELECT count(*) FROM history)::int AS lines, (SELECT count(*) FROM idempotency)::int AS keys`,
      );
      expect(counted).toEqual({ lines: done.length, keys: done.length });
    },
    shortOrLong(180_000, 3_600_000),
  );

  for (const [order, wrong] of [
    ['effect first', 'doubled'],
    ['key first', 'lost'],
  ] as const) {
    itWithSeed(
      `has effects ${wrong} where key and effect are two transactions, the ${order}`,
      async (random, seed) => {
        await owner.rows(
          'CREATE TABLE naive_effect (key text); CREATE TABLE naive_key (key text PRIMARY KEY)',
        );
        const program = path.resolve(__dirname, '../support/naive-desk.cjs');
        const env = { ...serviceEnvironment(database.url), NAIVE_ORDER: order };
        const loop = new KillLoop({ program, env, kills: naiveKills, seed });
        const done = await underFire([loop], naiveWork, random);
        const counted = await owner.rows<{ key: string; n: number }>(
          'SELECT key, count(*)::int AS n FROM naive_effect GROUP BY key',
        );
        const effects = new Map(counted.map(({ key, n }) => [key, n]));
        const suspects = done.filter(({ key }) => effects.get(key) !== 1);
        const found = await wrongs(suspects, effects, loop.send);
        expect(found.filter((sentence) => sentence.includes(wrong))).not.toEqual([]);
      },
      60_000,
    );
  }
});

/** Raises an exception and does something to it, each under a key of its own. */
function* deskWork(tenant: string, random: Randomness): Generator<Work, void, Answer> {
  const { authorization } = bearer(tenant);
  const keyed = (path: string, body: unknown): Work => {
    const key = `key-${newId()}`;
    const headers = { authorization, 'x-idempotency-key': key };
    return { key, request: { path, headers, body: JSON.stringify({ ...(body as object) }) } };
  };
  const transactionId = newId();
  const raised = yield {
    ...keyed('/v1/exceptions', { transactionId, reason: 'Mismatch' }),
    key: transactionId,
  };
  if (raised.status !== 201) return;
  const id = raised.body.id as string;
  const [command, body] = random.pick(commands);
  yield { ...keyed(`/v1/exceptions/${id}/${command}`, body), key: `${id} ${command}` };
}

const commands = [
  ['force-match', { overrideReason: 'BUSINESS_DECISION', notes: 'Approved' }],
  ['assign', { assignee: 'ben@example.com' }],
  ['dispatch', { targetSystem: 'MANUAL' }],
  ['disputes', { category: 'OTHER', description: 'The fee is wrong' }],
  [
    'adjust-entry',
    {
      amount: '1.50',
      currency: 'BRL',
      effectiveAt: '2025-01-15T10:30:00.000Z',
      reasonCode: 'FEE_ADJUSTMENT',
      notes: 'Fee',
    },
  ],
] as const;

/** How often each piece of work took effect, by what it was about. */
async function deskEffects(tenant: string): Promise<Map<string, number>> {
  const counted = await owner.rows<{ key: string; n: number }>(
    `SELECT transaction_id::text AS key, sum(seen_count)::int AS n FROM exception WHERE tenant_id = $1 GROUP BY 1
     UNION ALL
     SELECT exception_id || ' ' || CASE type
         WHEN 'exception.force_matched' THEN 'force-match' WHEN 'exception.assigned' THEN 'assign'
         WHEN 'exception.dispatched' THEN 'dispatch' WHEN 'dispute.opened' THEN 'disputes'
         WHEN 'exception.entry_adjusted' THEN 'adjust-entry' END, count(*)::int
     FROM history WHERE tenant_id = $1 AND type <> 'exception.raised' GROUP BY 1`,
    [tenant],
  );
  return new Map(counted.map(({ key, n }) => [key, n]));
}

function* naiveWork(): Generator<Work, void, Answer> {
  const key = newId();
  yield { key, request: { path: '/', headers: { 'x-idempotency-key': key } } };
}
