import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { newId } from '../../apps/api/src/ids';
import { startTestApp, type Answer, type TestApp } from '../support/app';
import { bearer, essence, replayed, sendBytes } from '../support/http-client';

const X = 'X-Idempotency-Key';
const plain = 'Idempotency-Key';

/** What stands in the request, and the key it means: none where it is to be refused, '' where there is no key. */
type Case = Readonly<{ lines: readonly string[]; means?: string }>;

const key = 'order-1042:retry_3';
const longest = 'k'.repeat(128);
const means = (means: string, ...lines: string[]): Case => ({ lines, means });
const refused = (...lines: string[]): Case => ({ lines });

const cases: Readonly<Record<string, Case>> = {
  'no header': means(''),
  'the one spelling': means(key, `${X}: ${key}`),
  'the other spelling': means(key, `${plain}: ${key}`),
  'the one spelling, quoted': means(key, `${X}: "${key}"`),
  'the other spelling, quoted': means(key, `${plain}: "${key}"`),
  'in small letters': means(key, `${X.toLowerCase()}: ${key}`),
  'in capitals': means(key, `${X.toUpperCase()}: ${key}`),
  'the other in small letters': means(key, `${plain.toLowerCase()}: ${key}`),
  'without a space': means(key, `${X}:${key}`),
  'with many spaces': means(key, `${X}:    ${key}   `),
  'with tabs': means(key, `${X}:\t${key}\t`),
  'both, equal': means(key, `${X}: ${key}`, `${plain}: ${key}`),
  'both, equal, the other first': means(key, `${plain}: ${key}`, `${X}: ${key}`),
  'both, equal but for quotes': means(key, `${X}: ${key}`, `${plain}: "${key}"`),
  'one letter': means('a', `${X}: a`),
  'one digit': means('0', `${X}: 0`),
  'a hyphen alone': means('-', `${X}: -`),
  'a UUID': means('019c96a0-10ce-75fc-a273-dc799079a99c', `${plain}: "019c96a0-10ce-75fc-a273-dc799079a99c"`),
  'all characters there are': means('AZaz09:_-', `${X}: AZaz09:_-`),
  '128 characters': means(longest, `${X}: ${longest}`),
  '128 characters, quoted': means(longest, `${X}: "${longest}"`),
  'a name that only begins alike': means('', `${X}s: ${key}`),
  'a name with an underscore': means('', `X_Idempotency_Key: ${key}`),

  '129 characters': refused(`${X}: ${longest}k`),
  '129 characters, quoted': refused(`${X}: "${longest}k"`),
  '129 characters, the other spelling': refused(`${plain}: ${longest}k`),
  '8 000 characters': refused(`${X}: ${'k'.repeat(8000)}`),
  empty: refused(`${X}:`),
  'empty, the other spelling': refused(`${plain}:`),
  'only spaces': refused(`${X}:    `),
  'empty in quotes': refused(`${X}: ""`),
  'a space in quotes': refused(`${X}: " "`),
  'a quote alone': refused(`${X}: "`),
  'a quote before': refused(`${X}: "${key}`),
  'a quote after': refused(`${X}: ${key}"`),
  'a quote within': refused(`${X}: a"b`),
  'quotes in quotes': refused(`${X}: ""${key}""`),
  'an escape in quotes': refused(`${X}: "a\\"b"`),
  'single quotes': refused(`${X}: '${key}'`),
  'a parameter': refused(`${X}: "${key}";v=1`),
  'repeated, equal': refused(`${X}: ${key}`, `${X}: ${key}`),
  'repeated, different': refused(`${X}: ${key}`, `${X}: other`),
  'repeated in other letters': refused(`${X}: ${key}`, `${X.toLowerCase()}: ${key}`),
  'the other repeated, equal': refused(`${plain}: ${key}`, `${plain}: ${key}`),
  'the other repeated, different': refused(`${plain}: ${key}`, `${plain}: other`),
  'repeated, one empty': refused(`${X}: ${key}`, `${X}:`),
  'both, different': refused(`${X}: ${key}`, `${plain}: other`),
  'both, different in case': refused(`${X}: ${key}`, `${plain}: ${key.toUpperCase()}`),
  'both, one empty': refused(`${X}: ${key}`, `${plain}:`),
  'both, one bad': refused(`${X}: ${key}`, `${plain}: a b`),
  'a list': refused(`${X}: ${key}, ${key}`),
  'a list without a space': refused(`${X}: a,b`),
  'a space within': refused(`${X}: a b`),
  'a tab within': refused(`${X}: a\tb`),
  'a slash': refused(`${X}: a/b`),
  'a dot': refused(`${X}: a.b`),
  'a plus sign': refused(`${X}: a+b`),
  'an equals sign': refused(`${X}: YQ==`),
  'a percent sign': refused(`${X}: a%62`),
  'a semicolon': refused(`${X}: a;b`),
  'letters beyond ASCII': refused(`${X}: cl\u00e9`),
  'a letter that looks the same': refused(`${X}: \u0430bc`),
  'an emoji': refused(`${X}: \u{1f511}`),
  'a NUL': refused(`${X}: a\0b`),
  'a delete': refused(`${X}: a\x7fb`),
  'a line feed alone': refused(`${X}: a\nb`),
  'a folded line': refused(`${X}: a`, ' b'),
};

let service: TestApp;
let url: string;

beforeAll(async () => {
  service = await startTestApp();
  await service.app.listen(0, '127.0.0.1');
  url = await service.app.getUrl();
}, 60_000);

afterAll(() => service.close());

type Asker = (lines: readonly string[], body: string) => Promise<Answer>;

const asking = (url: string, authorization: string): Asker => {
  return (lines, body) => {
    const head = [
      'POST /v1/exceptions HTTP/1.1',
      'Host: localhost',
      `Authorization: ${authorization}`,
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      ...lines,
    ];
    return sendBytes(url, Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`));
  };
};

/** Forms of the header that are not understood as they should be. */
async function misread(url: string): Promise<string[]> {
  const wrong: string[] = [];
  for (const [name, { lines, means }] of Object.entries(cases)) {
    const ask = asking(url, bearer(`tenant-${newId()}`).authorization);
    const body = JSON.stringify({ transactionId: newId(), reason: 'Mismatch' });
    const answer = await ask(lines, body);
    // Asked again under the key that is meant, in its plainest form.
    const again = means ? await ask([`${X}: ${means}`], body) : undefined;
    const understood =
      means === undefined
        ? answer.status === 400 && replayed(answer) !== 'true'
        : answer.status === 201 &&
          replayed(answer) === (means ? 'false' : undefined) &&
          (!again || (replayed(again) === 'true' && essence(again) === essence(answer)));
    if (!understood) wrong.push(name);
  }
  return wrong;
}

describe('the header with the idempotency key', () => {
  it(`is understood in each of ${Object.keys(cases).length} forms`, async () => {
    expect(Object.keys(cases).length).toBeGreaterThanOrEqual(40);
    expect(await misread(url)).toEqual([]);
  }, 30_000);

  it('names what is wrong with it, before anything is said about the body', async () => {
    const ask = asking(url, bearer(`tenant-${newId()}`).authorization);
    const { body } = await ask([`${X}: a`, `${X}: a`], '{');
    expect(body.title).toBe('invalid_request');
    expect(Object.keys(body.details.fields)).toEqual([X]);
    expect(body.message).toContain(`${X} is given more than once`);
  });

  it('is misread by a service that takes what its framework gives it', async () => {
    const server = await naiveServer();
    const wrong = await misread(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.close();
    for (const name of [
      'the one spelling, quoted',
      'repeated, equal',
      'both, different',
      'a space in quotes',
    ])
      expect(wrong).toContain(name);
  }, 30_000);
});

/** Reads one header or else the other, and asks no questions. */
async function naiveServer(): Promise<Server> {
  const kept = new Map<string, string>();
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      const key = request.headers['x-idempotency-key'] ?? request.headers['idempotency-key'];
      const scope = `${request.headers.authorization} ${String(key)}`;
      const earlier = key ? kept.get(scope) : undefined;
      const body = earlier ?? JSON.stringify({ id: newId() });
      if (key) {
        kept.set(scope, body);
        response.setHeader('x-idempotency-replayed', String(earlier !== undefined));
      }
      response
        .writeHead(201, { 'content-type': 'application/json', 'content-length': body.length })
        .end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
