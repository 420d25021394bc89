import { anAdjustment } from '../support/an-adjustment';
import { mintToken } from '../../apps/api/src/auth/demo-token';
import { newId } from '../../apps/api/src/ids';
import {
  apiRoutes,
  checkError,
  checkProblem,
  checksOf,
  internals,
  type ApiDocument,
  type Check,
  type Route,
  type Schema,
} from '../support/api-document';
import { secret, startTestApp, type Answer, type Person, type TestApp } from '../support/app';
import { connectToJira, receiveFromJira, pretendConnections } from '../support/connections';
import { aDeadDispatch } from '../support/dead-dispatch';
import { receiveEvents } from '../support/endpoints';
import { generate, type Generated, type Pool } from '../support/generated-requests';
import { itWithSeed, shortOrLong, inParallel, type Randomness } from '../support/seed';

type Exchange = Readonly<{ request: Generated; answer: Answer }>;

let service: TestApp;
let document: ApiDocument;
/** What was asked and answered last, to be looked at once more with other eyes. */
let exchanges: Exchange[] = [];

beforeAll(async () => {
  service = await startTestApp();
  pretendConnections(service);
  document = (await service.send('GET', '/openapi.json')).body as ApiDocument;
}, 60_000);
afterAll(() => service.close());

async function send({ route, url, headers, payload }: Generated): Promise<Answer> {
  const raw = payload === undefined ? {} : { raw: payload };
  return service.send(route.method, url, { headers: { ...headers }, ...raw });
}

async function ok(answer: Promise<Answer>): Promise<Answer['body']> {
  const { status, text, body } = await answer;
  if (status >= 300) throw new Error(text);
  return body;
}

/** A tenant with exceptions, disputes and comments in every state, and another one with some as well. */
async function stock(): Promise<Pool> {
  const [ana, stranger] = [service.person(), service.person()];
  const ids = { exceptionId: [] as string[], disputeId: [] as string[], commentId: [] as string[] };
  const post = (path: string, body: object, who: Person = ana) => ok(who.post(path, body));
  for (let i = 0; i < 48; i++) {
    const { id } = await ana.raise({ amount: '12.5', currency: 'BRL' });
    const path = `/v1/exceptions/${id}`;
    ids.exceptionId.push(id);
    const comment = await post(`${path}/comments`, { content: 'Seen.' });
    ids.commentId.push(`${id}/comments/${comment.id}`);
    const opening = { category: 'OTHER', description: 'Wrong.', draft: i % 5 === 0 };
    const dispute = `/v1/disputes/${(await post(`${path}/disputes`, opening)).id}`;
    ids.disputeId.push(dispute.split('/').at(-1)!);
    if (i % 5 === 1) await post(`${dispute}/request-evidence`, { note: 'Which?' });
    if (i % 5 === 2 || i % 5 === 3) await post(`${dispute}/close`, { won: i % 5 === 2, resolution: 'So.' });
    if (i % 4 === 1) await post(`${path}/assign`, { assignee: 'bo@example.com' });
    if (i % 4 === 2) await post(`${path}/dispatch`, { targetSystem: 'MANUAL' });
    if (i % 8 === 3) await post(`${path}/resolve`, { resolution: 'ACCEPTED' });
  }
  const theirs = await stranger.raise();
  await connectToJira(ana);
  const dead = await Promise.all(Array.from({ length: 12 }, () => aDeadDispatch(service, ana)));
  const adjusted = await Promise.all(Array.from({ length: 6 }, () => anAdjustment(ana)));
  const subscribed = await Promise.all(Array.from({ length: 6 }, () => receiveEvents(ana)));
  const about = { secret, tenant: ana.tenant, actor: 'cy@example.com', expiresInSeconds: 3600 };
  return {
    ids: {
      ...ids,
      adjustmentId: adjusted.map(({ adjustmentId }) => adjustmentId),
      dispatchId: dead.map(({ dispatchId }) => dispatchId),
      endpointId: subscribed.map(({ endpointId }) => endpointId),
      eventId: subscribed.map(({ eventId }) => eventId),
      messageId: [await receiveFromJira(service, ana)],
      target: ['JIRA', 'SERVICENOW', 'WEBHOOK', 'LEDGER'],
    },
    strangeIds: [theirs.id],
    tokens: [ana.token, undefined, 'x.y.z', mintToken({ ...about, scopes: [] })],
    members: {
      externalSystem: ['MANUAL', 'manual', 'JIRA'],
      externalIssueId: ['OPS-1'],
      targetSystem: ['MANUAL', 'JIRA'],
      exceptionIds: [ids.exceptionId.slice(0, 3), ids.exceptionId.slice(3, 4)],
      exception_ids: [[theirs.id, ids.exceptionId[5]]],
      filter: [{ status: ['OPEN'], limit: 1 }, { q: 'nothing' }, { severity: 'CRITICAL' }],
      limit: [1, 20, 200],
      transactionId: [newId(), newId()],
    },
  };
}

/** All that an answer is not as the document says it would be, as sentences. */
function deviations(described: ApiDocument): (exchange: Exchange) => string[] {
  const checkOf = checksOf(described);
  const compiled = new Map<Schema, Check>();
  const check = (schema: Schema, value: unknown): string[] => {
    if (!compiled.has(schema)) compiled.set(schema, checkOf(schema));
    return compiled.get(schema)!(value);
  };
  const routes = new Map<string, Route>(apiRoutes(described).map((route) => [route.name, route]));

  return ({ request, answer }) => {
    const { status, headers, text, body } = answer;
    if (status >= 500) return [`answered ${status}`];
    const { operation } = routes.get(request.route.name)!;
    const response = operation.responses[status];
    if (!response) return [`answered ${status}, which is not described`];
    const [type = ''] = (headers['content-type'] ?? '').split(';');
    const content = response.content?.[type];
    const failed =
      status >= 400 ? (type === 'application/problem+json' ? checkProblem : checkError)(body) : [];
    return [
      ...(content || (!response.content && text === '') ? [] : [`answered ${type || 'nothing'}`]),
      ...(content ? check(content.schema, body ?? text) : []),
      ...failed,
      ...(status >= 400 && internals.test(text) ? [`gave away something: ${text}`] : []),
      ...Object.keys(response.headers ?? {})
        .filter((name) => isDue(name, request, status) && headers[name.toLowerCase()] === undefined)
        .map((name) => `has no ${name}`),
    ];
  };
}

/** Whether the key is one, and was looked at: who may not do a thing at all is not told what became of it before. */
function isDue(header: string, { headers }: Generated, status: number): boolean {
  if (header !== 'X-Idempotency-Replayed') return true;
  return /^[\w:-]{1,128}$/.test(headers['x-idempotency-key'] ?? '') && ![400, 401, 403].includes(status);
}

const describeExchange = ({ request, answer }: Exchange, problems: readonly string[]): string =>
  [
    `${request.route.name} ${problems.join('; ')}`,
    `${request.route.method} ${request.url} ${JSON.stringify(request.headers)}`,
    `${request.payload?.slice(0, 1000)}`,
    `${answer.status} ${answer.text.slice(0, 1000)}`,
  ].join('\n');

const perTenant = 2_500;
/** The routes that have answered a success to any of the requests. */
const successful = new Set<string>();

async function askMany(random: Randomness): Promise<Exchange[]> {
  const pool = await stock();
  const routes = apiRoutes(document);
  const requests = Array.from({ length: perTenant }, () => generate(document, routes, random, pool));
  return inParallel(requests, 8, async (request) => ({ request, answer: await send(request) }));
}

describe('requests made up from the description of the API', () => {
  itWithSeed(
    'are answered as it says',
    async (random) => {
      const check = deviations(document);
      for (let asked = 0; asked < shortOrLong(2 * perTenant, 500_000); asked += perTenant) {
        exchanges = await askMany(random);
        const wrong = exchanges.flatMap((exchange) => {
          const problems = check(exchange);
          return problems.length ? [describeExchange(exchange, problems)] : [];
        });
        expect(wrong.slice(0, 3).join('\n\n')).toBe('');
        for (const { request, answer } of exchanges)
          if (answer.status >= 200 && answer.status < 300) successful.add(request.route.name);
      }
    },
    3 * 3600_000,
  );

  it('reach everything there is', () => {
    const answered = (low: number, high: number) =>
      exchanges.filter(({ answer: { status } }) => status >= low && status < high);
    const names = (of: readonly Exchange[]) =>
      [...new Set(of.map(({ request }) => request.route.name))].sort();
    expect(names(exchanges)).toEqual(
      apiRoutes(document)
        .map(({ name }) => name)
        .sort(),
    );
    // What was proposed is decided on by a second person, and here there is one: three routes more are only refused.
    expect(successful.size).toBeGreaterThanOrEqual(apiRoutes(document).length - 6);
    expect(answered(200, 300).length).toBeGreaterThan(exchanges.length / 4);
    const statuses = new Set(exchanges.map(({ answer }) => answer.status));
    for (const status of [200, 201, 204, 400, 401, 403, 404, 412, 415, 422])
      expect(statuses).toContain(status);
  });

  const tampered: readonly [string, (text: string) => string, RegExp][] = [
    [
      'a status is not described',
      (text) => text.replaceAll('"404":', '"418":'),
      /404, which is not described/,
    ],
    [
      'a member is described that no answer has',
      (text) => text.replaceAll('"required":["code"', '"required":["help","code"'),
      /must have required property 'help'/,
    ],
    [
      'a header is described that no answer has',
      (text) => text.replaceAll('"ETag":', '"X-Tag":'),
      /no X-Tag/,
    ],
    [
      'another kind of body is described',
      (text) => text.replaceAll('"text/csv"', '"text/html"'),
      /answered text\/csv/,
    ],
    [
      'a status there is has another name',
      (text) => text.replaceAll('"ASSIGNED"', '"TAKEN"'),
      /must be equal to one/,
    ],
  ];

  it.each(tampered)('would be found out if %s', (_name, change, expected) => {
    const check = deviations(JSON.parse(change(JSON.stringify(document))) as ApiDocument);
    expect(exchanges.flatMap(check).join('\n')).toMatch(expected);
  });

  it('would be found out if a request was answered 500', () => {
    const [{ request, answer }] = exchanges as [Exchange];
    expect(deviations(document)({ request, answer: { ...answer, status: 500 } })).toEqual(['answered 500']);
  });
});
