import { createHash } from 'node:crypto';
import { scopeOf, type KeyScope } from '@redress/formats';
import { newId } from '../../apps/api/src/ids';
import { startTestApp, type Answer, type TestApp } from '../support/app';
import { bearer, essence, replayed, type Outgoing, type Send } from '../support/http-client';
import { naiveKeys } from '../support/naive-keys';

let service: TestApp;
let send: Send;

beforeAll(async () => {
  service = await startTestApp();
  send = ({ method = 'POST', path, headers = {}, body }) =>
    service.send(method as 'POST', path, {
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { raw: body }),
    });
}, 60_000);

afterAll(() => service.close());

type Asked = Readonly<{ who: string; request: Outgoing }>;

/** One key and one body, from every person, to every command, with every query: each is a request of its own. */
async function matrix(): Promise<Asked[]> {
  const [tenant, key, transactionId] = [`tenant-${newId()}`, `key-${newId()}`, newId()];
  const people = [
    { tenant, actor: 'ana' },
    { tenant, actor: 'ben' },
    { tenant: `${tenant}-2`, actor: 'ana' },
    // Written one after the other, with a colon between them, these two are the same.
    { tenant: `${tenant}:a`, actor: 'b' },
    { tenant, actor: 'a:b' },
  ];
  const queries = ['', '?preview=false'];
  const asked: Asked[] = [];
  for (const person of people) {
    const who = `${person.actor} of ${person.tenant.replace(tenant, 'tenant')}`;
    const mine = bearer(person.tenant, person.actor);
    const raise = { path: '/v1/exceptions', body: JSON.stringify({ transactionId, reason: 'Mismatch' }) };
    const keyed = { ...mine, 'x-idempotency-key': key };
    for (const query of queries)
      asked.push({ who, request: { ...raise, path: raise.path + query, headers: keyed } });
    for (const reason of ['one', 'two']) {
      const own = JSON.stringify({ transactionId: newId(), reason });
      const { body } = await send({ path: '/v1/exceptions', headers: mine, body: own });
      // With this body all commands there are would agree on no more than being malformed; one that two of them take is empty.
      for (const command of ['assign', 'force-match', 'resolve', 'dispatch', 'disputes'] as const)
        asked.push({
          who,
          request: {
            path: `/v1/exceptions/${body.id}/${command}`,
            headers: { ...keyed, ...(command === 'assign' && { 'if-match': '*' }) },
            body: JSON.stringify(bodies[command]),
          },
        });
    }
  }
  return asked;
}

const bodies = {
  assign: { assignee: 'cai' },
  'force-match': { overrideReason: 'BUSINESS_DECISION', notes: 'Approved' },
  resolve: { resolution: 'ACCEPTED' },
  dispatch: { targetSystem: 'MANUAL' },
  disputes: { category: 'OTHER', description: 'The fee is wrong' },
};

/** Sends every request twice; returns those that got another request's answer, or not their own the second time. */
async function strangers(through: Send, asked: readonly Asked[]): Promise<string[]> {
  const wrong: string[] = [];
  const first: Answer[] = [];
  for (const { who, request } of asked) {
    const answer = await through(request);
    first.push(answer);
    const foreign = replayed(answer) !== 'false' || answer.body?.title === 'idempotency_key_reused';
    if (foreign) wrong.push(`${who}, ${request.path}: not an answer of its own`);
  }
  for (const [index, { who, request }] of asked.entries()) {
    const again = await through(request);
    if (replayed(again) !== 'true' || essence(again) !== essence(first[index]!))
      wrong.push(`${who}, ${request.path}: not its own answer again`);
  }
  return wrong;
}

describe('one key, used by others for other things', () => {
  it('gives each person their own answer', async () => {
    const asked = await matrix();
    expect(asked.length).toBe(60);
    expect(await strangers(send, asked)).toEqual([]);
  });

  it('tells each of them what they themselves changed', async () => {
    const asked = (await matrix()).filter(({ request }) => /^\/v1\/exceptions(\?|$)/.test(request.path));
    const answers = [];
    for (const { request } of asked) answers.push((await send(request)).body);
    const counts = new Map<string, number[]>();
    for (const { id, seenCount } of answers) counts.set(id, [...(counts.get(id) ?? []), seenCount]);
    // Two queries by one, or by three of one tenant: every one of them counted.
    expect([...counts.values()].sort((a, b) => a.length - b.length)).toEqual([
      [1, 2],
      [1, 2],
      [1, 2, 3, 4, 5, 6],
    ]);
  });

  it('is not asked for when something is read', async () => {
    const { authorization } = bearer(`tenant-${newId()}`);
    const headers = { authorization, 'x-idempotency-key': 'the-key' };
    const report = JSON.stringify({ transactionId: newId(), reason: 'Mismatch' });
    const raised = await send({ path: '/v1/exceptions', headers, body: report });
    for (const path of ['/v1/exceptions', `/v1/exceptions/${raised.body.id}`]) {
      const read = await send({ method: 'GET', path, headers });
      expect(read.status).toBe(200);
      expect(replayed(read)).toBeUndefined();
      expect(read.text).not.toBe(raised.text);
    }
  });

  it('takes a query in another spelling for the same', async () => {
    const { authorization } = bearer(`tenant-${newId()}`);
    const headers = { authorization, 'x-idempotency-key': 'the-key' };
    const body = JSON.stringify({ transactionId: newId(), reason: 'Mismatch' });
    const one = await send({ path: '/v1/exceptions?preview=%66alse', headers, body });
    const other = await send({ path: '/v1/exceptions?preview=false', headers, body });
    expect([replayed(one), replayed(other)]).toEqual(['false', 'true']);
    expect(essence(other)).toBe(essence(one));
  });

  it('takes a path in another spelling for the same', async () => {
    const { authorization } = bearer(`tenant-${newId()}`);
    const headers = { authorization, 'x-idempotency-key': 'the-key' };
    const report = JSON.stringify({ transactionId: newId(), reason: 'Mismatch' });
    const { id } = (await send({ path: '/v1/exceptions', headers: { authorization }, body: report })).body;
    const spellings = [id, id.toUpperCase(), id.replace(/^0/, '%30')];
    const answers: Answer[] = [];
    for (const spelling of spellings)
      answers.push(
        await send({
          path: `/v1/exceptions/${spelling}/comments`,
          headers,
          body: JSON.stringify({ content: 'Seen.' }),
        }),
      );
    expect(answers.map(replayed)).toEqual(['false', 'true', 'true']);
    expect(new Set(answers.map(essence)).size).toBe(1);
    const other = await send({
      path: `/v1/exceptions/${id.toUpperCase()}/comments`,
      headers,
      body: JSON.stringify({ content: 'Seen twice.' }),
    });
    expect([other.status, other.body.title]).toEqual([422, 'idempotency_key_reused']);
  });

  const parts = ({ path, headers = {} }: Outgoing): Record<string, string> => {
    const [route = '', query = ''] = path.split(/\?(.*)/s);
    const claims = JSON.parse(
      Buffer.from(headers['authorization']!.split('.')[1]!, 'base64url').toString(),
    ) as { tenantId: string; sub: string };
    return {
      tenant: claims.tenantId,
      actor: claims.sub,
      path: route,
      query,
      key: headers['x-idempotency-key']!,
    };
  };
  for (const forgotten of ['tenant', 'actor', 'path', 'query']) {
    it(`gives foreign answers when the ${forgotten} is forgotten`, async () => {
      const scope = (request: Outgoing) => JSON.stringify({ ...parts(request), [forgotten]: '' });
      expect(await strangers(naiveKeys(send, { scope }), await matrix())).not.toEqual([]);
    });
  }

  it('gives foreign answers when the parts are written one after the other', async () => {
    const scope = (request: Outgoing) => Object.values(parts(request)).join(':');
    expect(await strangers(naiveKeys(send, { scope }), await matrix())).not.toEqual([]);
  });
});

describe('the scope of a key', () => {
  const letters = ['', 'a', 'b', ':', 'a:', ':a', '1', '1:', '1:a', '-', '|', '\0'];
  const names = ['tenant', 'actor', 'method', 'path', 'key'] as const;

  /** Whether any two of very similar scopes are taken for the same. */
  function collisions(identify: (scope: KeyScope) => string): number {
    const base: KeyScope = { tenant: 'a', actor: 'a', method: 'POST', path: '/', query: '', key: 'a' };
    const all = names.flatMap((one, i) =>
      names
        .slice(i + 1)
        .flatMap((other) => letters.flatMap((x) => letters.map((y) => ({ ...base, [one]: x, [other]: y })))),
    );
    const different = new Map(all.map((scope) => [JSON.stringify(Object.entries(scope).sort()), scope]));
    return different.size - new Set([...different.values()].map(identify)).size;
  }

  it('is never the same for two that differ', () => {
    expect(collisions(scopeOf)).toBe(0);
  });

  it.each(names)('would be the same without the %s', (name) => {
    expect(collisions((scope) => scopeOf({ ...scope, [name]: '' }))).toBeGreaterThan(0);
  });

  it('would be the same without the lengths of its parts', () => {
    const joined = (scope: KeyScope) =>
      createHash('sha256')
        .update(names.map((name) => scope[name]).join(':'))
        .digest('hex');
    expect(collisions(joined)).toBeGreaterThan(0);
  });
});
