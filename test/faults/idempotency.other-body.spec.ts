import { newId } from '../../apps/api/src/ids';
import { bearer, essence, replayed, type Outgoing, type Send } from '../support/http-client';
import { startTwoProcesses, type TwoProcesses } from '../support/two-processes';
import { naiveKeys } from '../support/naive-keys';
import { inParallel, itWithSeed, shortOrLong } from '../support/seed';

const bodies = shortOrLong(100, 5000);

let pair: TwoProcesses;

beforeAll(async () => {
  pair = await startTwoProcesses();
}, 60_000);

afterAll(() => pair.close());

/** Members as they are written; `{id}` stands for a transaction of its own. */
const report = (members: string): string => `{"transactionId":"{id}","reason":"Amount mismatch",${members}}`;
const money = (amount: string): string => report(`"amount":${amount},"currency":"BRL"`);
const meta = (metadata: string): string => report(`"metadata":${metadata}`);

/** Pairs that a fingerprint of the parsed body takes for one and the same. */
const collisions: Readonly<Record<string, readonly [first: string, other: string]>> = {
  'a member named __proto__': [meta('{"a":"b"}'), meta('{"a":"b","__proto__":"c"}')],
  'integers above 2^53': [money('9007199254740992'), money('9007199254740993')],
  'decimals more precise than a double': [money('0.1'), money('0.1000000000000000055511151231257827')],
  'a member given twice': [report('"source":"bank:b"'), report('"source":"bank:a","source":"bank:b"')],
};

/** Pairs that are no such trap, and still two requests. */
const differences: Readonly<Record<string, readonly [first: string, other: string]>> = {
  'another number': [money('10'), money('11')],
  'the same number in other digits': [money('10'), money('10.0')],
  'the same number with an exponent': [money('100'), money('1e2')],
  'a number as text': [money('10'), money('"10"')],
  'a negative zero': [money('0'), money('-0')],
  'one member more': [report('"source":"bank:a"'), report('"source":"bank:a","severity":"LOW"')],
  'a letter in another case': [report('"source":"bank:a"'), report('"source":"bank:A"')],
  'another order in a list': [
    report('"differences":[{"field":"a"},{"field":"b"}]'),
    report('"differences":[{"field":"b"},{"field":"a"}]'),
  ],
  'a letter written in two ways of Unicode': [report('"source":"\u00e9"'), report('"source":"e\u0301"')],
  'text that looks like the end of a member': [
    report('"source":"a","severity":"LOW"'),
    report('"source":"a\\",\\"severity\\":\\"LOW"'),
  ],
};

/** Pairs that say the same. */
const sameness: Readonly<Record<string, readonly [first: string, other: string]>> = {
  'members in another order': [
    report('"source":"a","severity":"LOW"'),
    report('"severity":"LOW","source":"a"'),
  ],
  'space between members': [report('"source":"a"'), report('\n  "source" :\t"a"  ')],
  'members that are not given': [
    report('"source":"a"'),
    report('"source":"a","severity":null,"occurredAt":"","metadata":null'),
  ],
  'letters as escapes': [report('"source":"bank/\u00e9"'), report('"source":"b\\u0061nk\\/\\u00e9"')],
};

/** Sends the first and then the other of each pair under one key; names the pairs that are not told apart. */
async function taken(send: Send, pairs: typeof collisions): Promise<string[]> {
  const { authorization } = bearer(`tenant-${newId()}`);
  const names = await inParallel(Object.entries(pairs), 2, async ([name, pair]) => {
    const id = newId();
    const request = (body: string): Outgoing => ({
      path: '/v1/exceptions',
      headers: { authorization, 'x-idempotency-key': `key-${id}` },
      body: body.replaceAll('{id}', id),
    });
    const first = await send(request(pair[0]));
    const other = await send(request(pair[1]));
    const again = await send(request(pair[0]));
    if (first.status !== 201 || essence(again) !== essence(first)) throw new Error(`${name}: ${first.text}`);
    const refused =
      (other.status === 422 && other.body.title === 'idempotency_key_reused') || other.status === 400;
    return refused && replayed(other) !== 'true' ? [] : [name];
  });
  return names.flat();
}

/** The naive way to a fingerprint: parse, sort, write. */
function parsedAndSorted({ body = '' }: Outgoing): string {
  const sorted = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    const result: Record<string, unknown> = {};
    for (const name of Object.keys(value).sort())
      result[name] = sorted((value as Record<string, unknown>)[name]);
    return result;
  };
  return JSON.stringify(sorted(JSON.parse(body)));
}

describe('another body under a used key', () => {
  itWithSeed(
    `is refused ${bodies - 1} times of ${bodies} sent at once through two processes`,
    async (random) => {
      const tenant = `tenant-${newId()}`;
      const headers = { ...bearer(tenant), 'x-idempotency-key': `key-${newId()}` };
      const all = Array.from({ length: bodies }, (_, i) =>
        JSON.stringify({ transactionId: newId(), reason: `Mismatch ${i}` }),
      );
      const answers = await inParallel(all, 100, (body) =>
        random.pick(pair.doors)({ path: '/v1/exceptions', headers, body }),
      );
      const outcomes = answers.map(({ status, body }) => `${status} ${body.title ?? ''}`).sort();
      expect(outcomes).toEqual(['201 ', ...Array<string>(bodies - 1).fill('422 idempotency_key_reused')]);
      expect(
        await pair.owner.rows('SELECT seen_count FROM exception WHERE tenant_id = $1', [tenant]),
      ).toEqual([{ seen_count: 1 }]);

      const again = await inParallel(all, 20, (body) =>
        random.pick(pair.doors)({ path: '/v1/exceptions', headers, body }),
      );
      expect(again.filter((answer) => replayed(answer) === 'true').map(essence)).toEqual(
        answers.filter(({ status }) => status === 201).map(essence),
      );
    },
    60_000,
  );

  it('is told apart where a parsed body would look the same', async () => {
    expect(await taken(pair.doors[0]!, collisions)).toEqual([]);
  });

  it('is told apart wherever it differs', async () => {
    expect(await taken(pair.doors[1]!, differences)).toEqual([]);
  });

  it('is no other body when it says the same', async () => {
    expect(await taken(pair.doors[0]!, sameness)).toEqual(Object.keys(sameness));
  });

  it('is not told apart by a fingerprint of the parsed body', async () => {
    const naive = naiveKeys(pair.doors[0]!, { fingerprint: parsedAndSorted });
    expect(await taken(naive, collisions)).toEqual(Object.keys(collisions));
  });

  it('refuses at once what no two readers understand alike, and leaves the key usable', async () => {
    const headers = { ...bearer(`tenant-${newId()}`), 'x-idempotency-key': `key-${newId()}` };
    const id = newId();
    const send = (body: string) =>
      pair.doors[0]!({ path: '/v1/exceptions', headers, body: body.replaceAll('{id}', id) });
    for (const name of ['a member named __proto__', 'a member given twice'])
      expect((await send(collisions[name]![1])).status).toBe(400);
    expect((await send(report('"source":"bank:a"'))).status).toBe(201);
  });
});
