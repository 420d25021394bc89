import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { newId } from '../../apps/api/src/ids';
import { startTestApp, type Answer, type TestApp } from '../support/app';
import { freshDatabase, type FreshDatabase } from '../support/database';
import { databaseProxy, type DatabaseProxy } from '../support/database-proxy';
import { exceptionColumns } from '../support/exception-rows';
import { bearer, essence, replayed, sendTo, type Outgoing, type Send } from '../support/http-client';
import { naiveKeys } from '../support/naive-keys';
import { ownerOf, type Owner } from '../support/owner';
import { startService, stopServices } from '../support/service-process';

const waitMs = 300;

let service: TestApp;
let owner: Owner;
let send: Send;

beforeAll(async () => {
  service = await startTestApp({ IDEMPOTENCY_WAIT_MS: String(waitMs), BODY_LIMIT_BYTES: '4096' });
  owner = ownerOf(service.database.url);
  send = ({ method = 'POST', path, headers = {}, body }) =>
    service.send(method as 'POST', path, {
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { raw: body }),
    });
}, 60_000);

afterAll(async () => {
  await stopServices();
  await owner.end();
  await service.close();
});

const everything = bearer(`tenant-${newId()}`);
const keyed = (key = `key-${newId()}`) => ({ ...everything, 'x-idempotency-key': key });
const report = (over: object = {}) => JSON.stringify({ transactionId: newId(), reason: 'Mismatch', ...over });
const toAssign = (id: string, assignee = 'ben'): Outgoing => ({
  path: `/v1/exceptions/${id}/assign`,
  body: JSON.stringify({ assignee }),
});

async function raised(through: Send = send): Promise<string> {
  const { body } = await through({ path: '/v1/exceptions', headers: everything, body: report() });
  return body.id as string;
}

async function assigned(id: string, through: Send = send): Promise<void> {
  const answer = await through({ ...toAssign(id), headers: everything });
  if (answer.status !== 200) throw new Error(answer.text);
}

/** An exception under an id that did not exist before, which no client can bring about. */
const appear = async (id: string): Promise<unknown> =>
  owner.rows(
    `INSERT INTO exception (${exceptionColumns}) SELECT ${exceptionColumns} FROM (
       SELECT (jsonb_populate_record(e, jsonb_build_object('id', $1::text, 'transaction_id', $2::text))).*
       FROM exception e WHERE id = $3
     ) AS copy`,
    [id, newId(), await raised()],
  );

type Refused = Readonly<{ status: number; request: Outgoing; overcome: () => Promise<unknown> }>;

/** Requests that are refused now, and what makes the same request possible later. */
const refusals: Readonly<Record<string, () => Promise<Refused>>> = {
  'what is not there': async () => {
    const id = newId();
    return { status: 404, request: toAssign(id), overcome: () => appear(id) };
  },
  'a version that is not the present one': async () => {
    const id = await raised();
    const request = { ...toAssign(id, 'cai'), headers: { 'if-match': '"2"' } };
    return { status: 412, request, overcome: () => assigned(id) };
  },
  'a command that the status forbids': async () => {
    const id = await raised();
    const request = { path: `/v1/exceptions/${id}/unassign`, body: '{}' };
    return { status: 422, request, overcome: () => assigned(id) };
  },
  'an assignment that is there already': async () => {
    const id = await raised();
    await assigned(id);
    const overcome = () => send({ ...toAssign(id, 'cai'), headers: everything });
    return { status: 422, request: toAssign(id), overcome };
  },
  'a second dispute of its kind': async () => {
    const id = await raised();
    const request = {
      path: `/v1/exceptions/${id}/disputes`,
      body: JSON.stringify({ category: 'OTHER', description: 'The fee is wrong' }),
    };
    await send({ ...request, headers: everything });
    const overcome = () => owner.rows(`UPDATE dispute SET state = 'LOST' WHERE exception_id = $1`, [id]);
    return { status: 422, request, overcome };
  },
};

/** Refused requests that another answer was given to later. */
async function forgottenRefusals(through: Send): Promise<string[]> {
  const forgotten: string[] = [];
  for (const [name, prepare] of Object.entries(refusals)) {
    const { status, request, overcome } = await prepare();
    const mine = { ...request, headers: { ...keyed(), ...request.headers } };
    const first = await through(mine);
    if (first.status !== status || replayed(first) !== 'false') throw new Error(`${name}: ${first.text}`);
    await overcome();
    const again = await through(mine);
    if (essence(again) !== essence(first) || replayed(again) !== 'true') forgotten.push(name);
    const other = await send({ ...mine, headers: { ...mine.headers, ...keyed() } });
    if (other.status >= 300 && forgotten.at(-1) !== name) throw new Error(`${name}: not overcome`);
  }
  return forgotten;
}

type Spoiling = Readonly<{
  status: number;
  spoil: (sound: Outgoing) => Outgoing;
  before?: () => Promise<unknown>;
  after?: () => Promise<unknown>;
}>;

const header = (over: Record<string, string>) => (sound: Outgoing) => ({
  ...sound,
  headers: { ...sound.headers, ...over },
});
const body = (change: (body: string) => string) => (sound: Outgoing) => ({
  ...sound,
  body: change(sound.body!),
});
const asItIs = (sound: Outgoing) => sound;
const tenant = JSON.parse(Buffer.from(everything.authorization.split('.')[1]!, 'base64url').toString()) as {
  tenantId: string;
};

/** Mistakes and misfortunes that leave a key as it was. */
const spoilings: Readonly<Record<string, Spoiling>> = {
  'a body that is no JSON': { status: 400, spoil: body((text) => text.slice(1)) },
  'a member given twice': { status: 400, spoil: body((text) => text.replace('{', '{"reason":"a",')) },
  'an unknown member': { status: 400, spoil: body((text) => text.replace('{', '{"unknown":1,')) },
  'an amount without currency': { status: 400, spoil: body((text) => text.replace('{', '{"amount":1,')) },
  'a condition that is none': { status: 400, spoil: header({ 'if-match': 'one' }) },
  'a token of nobody': { status: 401, spoil: header({ authorization: 'Bearer a.b.c' }) },
  'a token without the scope': {
    status: 403,
    spoil: header(bearer(tenant.tenantId, 'ana@example.com', ['exception:read'])),
  },
  'a body too large': { status: 413, spoil: body((text) => text.replace('}', `${' '.repeat(4096)}}`)) },
  'a body of another type': { status: 415, spoil: header({ 'content-type': 'text/plain' }) },
  'a failure within': {
    status: 500,
    spoil: asItIs,
    before: () =>
      owner.rows(
        `CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'broken' USING ERRCODE = 'XX000'; END $$;
         CREATE TRIGGER fail BEFORE INSERT ON exception FOR EACH ROW EXECUTE FUNCTION fail()`,
      ),
    after: () => owner.rows('DROP TRIGGER fail ON exception; DROP FUNCTION fail'),
  },
  'a database that gives up': {
    status: 503,
    spoil: asItIs,
    before: () =>
      owner.rows(
        `CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'slow' USING ERRCODE = '57014'; END $$;
         CREATE TRIGGER fail BEFORE INSERT ON exception FOR EACH ROW EXECUTE FUNCTION fail()`,
      ),
    after: () => owner.rows('DROP TRIGGER fail ON exception; DROP FUNCTION fail'),
  },
};

/** Mistakes after which the key could not be used for what was meant. */
async function consumedKeys(through: Send): Promise<string[]> {
  const consumed: string[] = [];
  for (const [name, { status, spoil, before, after }] of Object.entries(spoilings)) {
    const sound: Outgoing = { path: '/v1/exceptions', headers: keyed(), body: report() };
    await before?.();
    const spoiled = await through(spoil(sound));
    await after?.();
    if (spoiled.status !== status) throw new Error(`${name}: ${spoiled.status} ${spoiled.text}`);
    const answer = await through(sound);
    if (answer.status !== 201 || replayed(answer) !== 'false') consumed.push(name);
  }
  return consumed;
}

describe('what a key is used up by', () => {
  it('is a success, and every refusal, whatever would be possible later', async () => {
    expect(await forgottenRefusals(send)).toEqual([]);
  });

  it('is no mistake and no misfortune', async () => {
    expect(await consumedKeys(send)).toEqual([]);
  });

  it('would be forgotten refusals, were only successes kept', async () => {
    const naive = naiveKeys(send, { keeps: (status) => status < 300 });
    expect(await forgottenRefusals(naive)).toEqual(Object.keys(refusals));
  });

  it('would be mistakes and misfortunes, were every answer kept', async () => {
    const naive = naiveKeys(send, { scope: ({ headers = {} }) => headers['x-idempotency-key']! });
    expect(await consumedKeys(naive)).toEqual(Object.keys(spoilings));
  });
});

describe('a replay', () => {
  it('of another condition is refused', async () => {
    const id = await raised();
    const headers = keyed();
    const first = await send({ ...toAssign(id), headers: { ...headers, 'if-match': '"1"' } });
    expect(first.status).toBe(200);
    for (const condition of [{ 'if-match': '"2"' }, { 'if-match': '*' }, {}] as Record<string, string>[]) {
      const other = await send({ ...toAssign(id), headers: { ...headers, ...condition } });
      expect([other.status, other.body.title, replayed(other)]).toEqual([
        422,
        'idempotency_key_reused',
        'false',
      ]);
    }
    const again = await send({ ...toAssign(id), headers: { ...headers, 'if-match': '"1"' } });
    expect([essence(again), replayed(again)]).toEqual([essence(first), 'true']);
  });

  it('has the content type of the first answer, whatever is accepted now', async () => {
    for (const [accept, type] of [
      ['application/problem+json', 'application/problem+json; charset=utf-8'],
      ['*/*', 'application/json; charset=utf-8'],
    ] as const) {
      const headers = keyed();
      const request = toAssign(newId());
      const first = await send({ ...request, headers: { ...headers, accept } });
      expect([first.status, first.headers['content-type']]).toEqual([404, type]);
      for (const now of ['application/problem+json', 'application/json', '*/*']) {
        const again = await send({ ...request, headers: { ...headers, accept: now } });
        expect([essence(again), replayed(again)]).toEqual([essence(first), 'true']);
      }
    }
  });

  it('is the same after a restart, for a success and for every kind of refusal', async () => {
    const database = await freshDatabase();
    const first = await startService(database.url);
    const before = sendTo(first.url);
    const id = await raised(before);
    await assigned(id, before);
    const requests: Outgoing[] = [
      { path: '/v1/exceptions', headers: keyed(), body: report({ amount: 1.5, currency: 'BRL' }) },
      { ...toAssign(id, 'cai'), headers: keyed() },
      { ...toAssign(newId()), headers: { ...keyed(), accept: 'application/problem+json' } },
      { ...toAssign(id, 'dia'), headers: { ...keyed(), 'if-match': '"1"' } },
      { ...toAssign(id, 'cai'), headers: keyed() },
    ];
    const answers = [];
    for (const request of requests) answers.push(await before(request));
    expect(answers.map(({ status }) => status)).toEqual([201, 200, 404, 412, 422]);

    await first.kill('SIGKILL');
    const second = await startService(database.url);
    const after = await Promise.all(requests.map((request) => sendTo(second.url)(request)));
    expect(after.map(essence)).toEqual(answers.map(essence));
    expect(after.map(replayed)).toEqual(requests.map(() => 'true'));
    await second.stop();
    await database.drop();
  }, 60_000);
});

describe('a request whose key is in use', () => {
  let blocker: Client;
  let id: string;
  let request: Outgoing;
  let first: Promise<Answer>;

  beforeEach(async () => {
    blocker = new Client({ connectionString: service.database.url });
    await blocker.connect();
    id = await raised();
    request = { ...toAssign(id), headers: keyed() };
    await blocker.query('BEGIN');
    await blocker.query('SELECT 1 FROM exception WHERE id = $1 FOR UPDATE', [id]);
    first = send(request);
    await somebodyWaits(owner);
  });

  afterEach(() => blocker.end());

  it('waits, and is told after a while to come back', async () => {
    const asked = performance.now();
    const [one, two] = await Promise.all([send(request), send(request)]);
    expect(performance.now() - asked).toBeGreaterThan(waitMs * 0.9);
    for (const answer of [one, two]) {
      expect([answer.status, answer.body.title, answer.headers['retry-after'], replayed(answer)]).toEqual([
        409,
        'request_in_progress',
        '1',
        'false',
      ]);
    }
    await blocker.query('ROLLBACK');
    const done = await first;
    expect([done.status, replayed(done)]).toEqual([200, 'false']);
    const again = await send(request);
    expect([essence(again), replayed(again)]).toEqual([essence(done), 'true']);
  });

  it('is answered as soon as the first one is', async () => {
    const waiting = send(request);
    await pause(waitMs / 3);
    await blocker.query('ROLLBACK');
    const answers = await Promise.all([first, waiting]);
    expect(answers.map(replayed)).toEqual(['false', 'true']);
    expect(new Set(answers.map(essence)).size).toBe(1);
  });

  it('is told at once that it is another request', async () => {
    const asked = performance.now();
    const other = await send({ ...toAssign(id, 'cai'), headers: request.headers! });
    expect([other.status, other.body.title]).toEqual([422, 'idempotency_key_reused']);
    expect(performance.now() - asked).toBeLessThan(waitMs * 0.9);
    await blocker.query('ROLLBACK');
    expect((await first).status).toBe(200);
  });
});

describe('a request that finds no database', () => {
  let database: FreshDatabase;
  let proxy: DatabaseProxy;
  let both: Send[];
  let ownerThere: Owner;

  beforeAll(async () => {
    database = await freshDatabase();
    proxy = await databaseProxy(database.url);
    ownerThere = ownerOf(database.url);
    const services = await Promise.all([startService(proxy.url), startService(database.url)]);
    both = services.map(({ url }) => sendTo(url));
  }, 60_000);

  afterAll(async () => {
    await stopServices();
    await ownerThere.end();
    await proxy.close();
    await database.drop();
  });

  it('is told so, and takes effect once under the same key when the database is back', async () => {
    const request = { path: '/v1/exceptions', headers: keyed(), body: report() };
    proxy.takeAway();
    for (let i = 0; i < 3; i++) {
      const answer = await both[0]!(request);
      expect([answer.status, answer.body.title, answer.headers['retry-after']]).toEqual([
        503,
        'service_unavailable',
        '1',
      ]);
    }
    proxy.restore();
    const answers = [await both[0]!(request), await both[0]!(request)];
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    expect(answers.map(replayed)).toEqual(['false', 'true']);
    expect(answers[0]!.body.seenCount).toBe(1);
  });

  it('waits for the first one in another process as well', async () => {
    const blocker = new Client({ connectionString: database.url });
    await blocker.connect();
    const id = await raised(both[0]);
    await blocker.query('BEGIN');
    await blocker.query('SELECT 1 FROM exception WHERE id = $1 FOR UPDATE', [id]);
    const request = { ...toAssign(id), headers: keyed() };
    const running = both.map((door) => door(request));
    await somebodyWaits(ownerThere, 2);
    await blocker.query('ROLLBACK');
    const answers = await Promise.all(running);
    expect(new Set(answers.map(essence)).size).toBe(1);
    expect(answers.map(replayed).sort()).toEqual(['false', 'true']);
    await blocker.end();
  });
});

async function somebodyWaits(owner: Owner, howMany = 1): Promise<void> {
  for (let i = 0; i < 500; i++) {
    const [{ n } = { n: 0 }] = await owner.rows<{ n: number }>(
      `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    if (n >= howMany) return;
    await pause(10);
  }
  throw new Error('nobody waits for the lock');
}
