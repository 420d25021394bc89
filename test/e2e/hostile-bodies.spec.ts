import { maxDepth, requestLimits } from '@redress/formats';
import { newId } from '../../apps/api/src/ids';
import { apiRoutes, bodyOf, checkError, type ApiDocument, type Route } from '../support/api-document';
import { startTestApp, type Person, type TestApp } from '../support/app';

/*
 * Bodies just below the limit on their size that hold as many small things as fit in. What they take is measured by
 * `npm run bench -- --only hostile`; here it is what they are answered.
 */

let service: TestApp;
let ana: Person;
let routes: readonly Route[];

beforeAll(async () => {
  service = await startTestApp();
  ana = service.person();
  const document = (await service.send('GET', '/openapi.json')).body as ApiDocument;
  routes = apiRoutes(document).filter(({ operation }) => bodyOf(document, operation));
}, 60_000);
afterAll(() => service.close());

const filled = (path: string) => path.replace('{target}', 'JIRA').replace(/\{\w+\}/g, () => newId());
const send = (method: Route['method'], path: string, raw: string, headers = {}) =>
  ana.send(method, filled(path), {
    headers: { 'content-type': 'application/json', 'x-idempotency-key': newId(), ...headers },
    raw,
  });

const many = (n: number, piece: (i: number) => string) =>
  Array.from({ length: n }, (_, i) => piece(i)).join();
const { members, items, values, nameLength, numberLength } = requestLimits;

const bodies: Readonly<Record<string, [string, RegExp]>> = {
  'unknown members': [`{${many(90_000, (i) => `"k${i}":1`)}}`, new RegExp(`more than ${members} members`)],
  'unknown members within the limit': [`{${many(members, (i) => `"k${i}":1`)}}`, /is not a known member/],
  'members within a member': [
    `{"a":{${many(80_000, (i) => `"k${i}":"v"`)}}}`,
    new RegExp(`more than ${members} members.*\\(a\\)`),
  ],
  items: [`{"a":[${many(300_000, () => '""')}]}`, new RegExp(`more than ${items} items.*\\(a\\)`)],
  values: [
    `{"a":[${many(4, () => `[${many(items - 1, () => '1')}]`)}]}`,
    new RegExp(`more than ${values} values.*\\(a\\[1\\]`),
  ],
  'a long name': [`{"${'n'.repeat(1_000_000)}":1}`, new RegExp(`longer than ${nameLength} characters`)],
  'a long number': [`{"a":${'1'.repeat(1_000_000)}}`, new RegExp(`longer than ${numberLength} characters`)],
  depth: [`{"a":${'['.repeat(500_000)}`, new RegExp(`more than ${maxDepth} levels`)],
  'line breaks': [`${'\n'.repeat(1_000_000)}!`, /line 1000001, column 1/],
  'a member twice, late': [`{${many(3000, (i) => `"k${i}":"${'x'.repeat(200)}"`)},"k0":1}`, /given twice/],
  escapes: [`{"${'\\u0041'.repeat(100)}":"${'\\u0041'.repeat(160_000)}"}`, /A{80}… is not a known member/],
};

describe.each(Object.entries(bodies))('a body of %s', (_, [raw, said]) => {
  it('is refused by every route with a sentence, a place, and few bytes', async () => {
    expect(routes.length).toBeGreaterThan(30);
    expect(raw.length).toBeLessThan(service.config.bodyLimitBytes);
    const wrong: string[] = [];
    for (const { method, path, name } of routes) {
      for (const accept of ['application/json', 'application/problem+json']) {
        const { status, text, body } = await send(method, path, raw, { accept });
        const message = String(accept === 'application/json' ? body.message : body.detail);
        if (status !== 400 || !said.test(message)) wrong.push(`${name}: ${status} ${message.slice(0, 200)}`);
        if (accept === 'application/json')
          wrong.push(...checkError(body).map((problem) => `${name}: ${problem}`));
        if (Buffer.byteLength(text) > 16_000) wrong.push(`${name}: ${text.length} bytes`);
      }
    }
    expect(wrong).toEqual([]);
  }, 60_000);
});

describe('a field that may hold much', () => {
  const ids = (n: number) => `[${many(n, () => `"${newId()}"`)}]`;
  const raise = (more: string) => `{"transactionId":"${newId()}","reason":"A",${more}}`;
  const callback = (payload: string) =>
    `{"externalSystem":"JIRA","externalIssueId":"A-1","status":"RESOLVED","payload":${payload}}`;
  const code = (i: number) => `{"code":"C${i}","label":"L"}`;
  const rule = () => '{"command":"resolve","approvers":1}';
  const counterpart = () => `{"source":"a","transactionId":"${newId()}","amount":"1","currency":"EUR"}`;
  const match = (n: number) => `{"overrideReason":"A","notes":"B","counterparts":[${many(n, counterpart)}]}`;
  const reasons = (n: number) =>
    `{"commands":{"force_match":[${many(n, code)}],"adjust_entry":"free_text","resolve":"free_text"}}`;
  /** In 20,000 characters of canonical text, `{"a":[1,1,…]}`. */
  const payload = (n: number) => callback(`{"a":[${many(n, () => '1')}]}`);

  it.each<[string, Route['method'], string, string, string, RegExp]>([
    [
      'a bulk command',
      'POST',
      '/v1/exceptions/bulk/assign',
      `{"assignee":"bo","exceptionIds":${ids(1000)}}`,
      `{"assignee":"bo","exceptionIds":${ids(1001)}}`,
      /exceptionIds must be a list of 1 to 1000 ids/,
    ],
    [
      'metadata',
      'POST',
      '/v1/exceptions',
      raise(`"metadata":{${many(50, (i) => `"k${i}":"v"`)}}`),
      raise(`"metadata":{${many(51, (i) => `"k${i}":"v"`)}}`),
      /metadata must have at most 50 keys/,
    ],
    [
      'differences',
      'POST',
      '/v1/exceptions',
      raise(`"differences":[${many(50, () => '{"field":"f"}')}]`),
      raise(`"differences":[${many(51, () => '{"field":"f"}')}]`),
      /differences must be at most 50/,
    ],
    [
      'the payload of a callback',
      'POST',
      '/v1/exceptions/{id}/callback',
      payload(9996),
      payload(9997),
      /payload must be an object of at most 20000 characters/,
    ],
    [
      'counterparts',
      'POST',
      '/v1/exceptions/{id}/force-match',
      match(50),
      match(51),
      /must be a list of 1 to 50 transactions/,
    ],
    [
      'rules',
      'PUT',
      '/v1/approval-policy',
      `{"rules":[${many(100, rule)}]}`,
      `{"rules":[${many(101, rule)}]}`,
      /rules may be at most 100/,
    ],
    ['reason codes', 'PUT', '/v1/reason-codes', reasons(200), reasons(201), /may have at most 200 codes/],
  ])('is told of by its own limit: %s', async (_, method, path, most, beyond, said) => {
    const taken = await send(method, path, most);
    // The exception is not there, which is asked only of a body that is sound.
    expect([200, 201, 404]).toContain(taken.status);
    const refused = await send(method, path, beyond);
    expect([refused.status, refused.body.message]).toEqual([400, expect.stringMatching(said)]);
  });

  it('hands no long id back', async () => {
    const bulk = (length: number) =>
      send(
        'POST',
        '/v1/exceptions/bulk/assign',
        `{"assignee":"bo","exceptionIds":["${'i'.repeat(length)}"]}`,
      );
    expect((await bulk(100)).body).toMatchObject({ failed: [{ code: 'not_found' }] });
    expect((await bulk(101)).status).toBe(400);
  });
});

describe('a hostile file', () => {
  const million = 1_000_000;
  type Hostile = Readonly<{ file: string; answered: 200 | 400; said: RegExp }>;
  const refusedLines = (n: number) =>
    new RegExp(`"(rejected|failed)":${n}\\b.*"(rejectedLines|failures)NotListed":${n - 1000}`);
  const ndjson: Readonly<Record<string, Hostile>> = {
    'bad lines': { file: 'x\n'.repeat(50_000), answered: 200, said: refusedLines(50_000) },
    'empty lines': { file: `${'\n'.repeat(million)}x`, answered: 200, said: /"line":1000001/ },
    'many members': {
      file: `{${many(90_000, (i) => `"k${i}":1`)}}\n`,
      answered: 200,
      said: /An object has more than 500 members/,
    },
    'a long number': {
      file: `{"amount":${'1'.repeat(million)}}`,
      answered: 200,
      said: /longer than 1000 characters/,
    },
    depth: { file: '['.repeat(100_000), answered: 200, said: /nested more than 32 levels/ },
    'many differences': {
      file: `{"transactionId":"${newId()}","reason":"b","differences":[${many(500, () => '{"field":"f"}')}]}`,
      answered: 200,
      said: /differences must be at most 50/,
    },
    'a line of 15 MB': {
      file: `"${'x'.repeat(15 * million)}"\n`,
      answered: 200,
      said: /longer than 1048576 bytes/,
    },
  };
  const csv = (header: string): Readonly<Record<string, Hostile>> => ({
    'bad lines': { file: `${header}${'x\n'.repeat(50_000)}`, answered: 200, said: refusedLines(50_000) },
    'many columns': { file: `${'a,'.repeat(100_000)}\n`, answered: 400, said: /more than 1000 cells/ },
    'many cells': { file: `${header}${','.repeat(100_000)}\n`, answered: 200, said: /more than 1000 cells/ },
    'a cell without an end': {
      file: `${header}"${'x\n'.repeat(50_000)}`,
      answered: 200,
      said: refusedLines(50_000),
    },
    'a million quotes': {
      file: `${header}"${'"'.repeat(million)}"\n`,
      answered: 200,
      said: /"(rejected|failed)":1\b/,
    },
    'a line of 15 MB': {
      file: `${header}${'x'.repeat(15 * million)}\n`,
      answered: 200,
      said: /longer than 1048576 bytes/,
    },
    'a header of 15 MB': { file: 'x'.repeat(15 * million), answered: 400, said: /longer than 1048576 bytes/ },
  });
  const files: Readonly<Record<string, Readonly<Record<string, Hostile>>>> = {
    'POST /v1/exceptions/import application/x-ndjson': ndjson,
    'POST /v1/exceptions/import text/csv': csv('transactionId,reason\n'),
    'POST /v1/exceptions/bulk/apply text/csv': csv('id,version,assignee\n'),
  };

  it('is thought of for every route that takes one', async () => {
    const document = (await service.send('GET', '/openapi.json')).body as ApiDocument;
    const taking = apiRoutes(document).flatMap(({ name, operation }) =>
      Object.keys(operation.requestBody?.content ?? {}).map((type) => `${name} ${type}`),
    );
    const takesFiles = taking.filter((one) => !one.endsWith(' application/json'));
    expect(takesFiles.sort()).toEqual(Object.keys(files).sort());
  });

  it.each(
    Object.entries(files).flatMap(([route, own]) =>
      Object.entries(own).map(([what, one]) => [route, what, one] as const),
    ),
  )('to %s is bounded: %s', async (route, _, { file, answered, said }) => {
    const [, path = '', type = ''] = route.split(' ');
    const headers = { 'content-type': type };
    const { status, text } = await ana.send('POST', path, { headers, raw: file });
    expect([status, text]).toEqual([answered, expect.stringMatching(said)]);
    expect(text.length).toBeLessThan(200_000);
  });
});

describe('a hostile query', () => {
  it.each([
    ['many unknown parameters', many(3000, (i) => `${i.toString(36)}=`).replaceAll(',', '&')],
    ['one parameter many times', many(900, () => 'status=OPEN').replaceAll(',', '&')],
    ['many values', `status=${many(3000, () => 'x')}`],
    ['a long cursor', `cursor=${'A'.repeat(12_000)}`],
    ['a long number', `limit=${'9'.repeat(12_000)}`],
  ])('is refused by every list with few bytes: %s', async (_, query) => {
    const document = (await service.send('GET', '/openapi.json')).body as ApiDocument;
    const lists = apiRoutes(document).filter(
      ({ method, operation }) => method === 'GET' && operation.parameters?.some((one) => one.in === 'query'),
    );
    expect(lists.length).toBeGreaterThan(10);
    const wrong: string[] = [];
    for (const { path, name } of lists) {
      const { status, text } = await ana.get(`${filled(path)}?${query}`);
      if (status !== 400 || text.length > 16_000) wrong.push(`${name}: ${status}, ${text.length} bytes`);
    }
    expect(wrong).toEqual([]);
  });
});
