import type { QueryResult } from 'pg';
import { scopes } from '../../apps/api/src/auth/scopes';
import { newId } from '../../apps/api/src/ids';
import { appRole } from '../../libs/typeorm/src/database/app-role';
import { columnsOf, type TableName } from '../../libs/typeorm/src/entities/entity-schemas';
import {
  apiRoutes,
  bodyOf,
  checkError,
  exampleOf,
  routesOf,
  type ApiDocument,
  type Route,
} from '../support/api-document';
import { anAdjustment } from '../support/an-adjustment';
import { secret, startTestApp, type Answer, type Person, type TestApp } from '../support/app';
import { connectToJira, receiveFromJira, pretendConnections } from '../support/connections';
import { receiveEvents, type ReceivedEvent } from '../support/endpoints';
import { aDeadDispatch } from '../support/dead-dispatch';
import { honestToken, hostileTokens, makeKeys } from '../support/hostile-tokens';
import { onlooker, type Onlooker } from '../support/snapshot';

/** Who may call what. The document says the same; a change of one that is not meant shows here. */
const scopeOfRoute: Readonly<Record<string, string>> = {
  'POST /v1/exceptions': 'exception:raise',
  'POST /v1/exceptions/import': 'exception:raise',
  'GET /v1/exceptions': 'exception:read',
  'GET /v1/exceptions/summary': 'exception:read',
  'GET /v1/exceptions/export': 'exception:read',
  'GET /v1/exceptions/{exceptionId}': 'exception:read',
  'GET /v1/exceptions/{exceptionId}/history': 'exception:read',
  'GET /v1/exceptions/{exceptionId}/adjustments': 'exception:read',
  'GET /v1/exceptions/{exceptionId}/forced-matches': 'exception:read',
  'GET /v1/adjustments': 'exception:read',
  'GET /v1/access-records': 'audit:read',
  'POST /v1/adjustments/{adjustmentId}/reverse': 'exception:resolve',
  'POST /v1/exceptions/{exceptionId}/assign': 'exception:assign',
  'POST /v1/exceptions/{exceptionId}/unassign': 'exception:assign',
  'POST /v1/exceptions/{exceptionId}/force-match': 'exception:resolve',
  'POST /v1/exceptions/{exceptionId}/adjust-entry': 'exception:resolve',
  'POST /v1/exceptions/{exceptionId}/resolve': 'exception:resolve',
  'POST /v1/exceptions/{exceptionId}/dispatch': 'exception:dispatch',
  'GET /v1/exceptions/{exceptionId}/dispatches': 'exception:read',
  'GET /v1/dispatches': 'exception:read',
  'POST /v1/dispatches/{dispatchId}/answer': 'admin',
  'POST /v1/dispatches/{dispatchId}/redrive': 'exception:dispatch',
  'POST /v1/exceptions/{exceptionId}/recall': 'exception:dispatch',
  'POST /v1/exceptions/{exceptionId}/approve': 'exception:approve',
  'POST /v1/exceptions/{exceptionId}/reject': 'exception:approve',
  'POST /v1/exceptions/{exceptionId}/withdraw': 'exception:resolve',
  'GET /v1/approvals': 'exception:read',
  'GET /v1/approval-policy': 'admin',
  'PUT /v1/approval-policy': 'admin',
  'GET /v1/approval-policy/versions': 'admin',
  'GET /v1/reason-codes': 'exception:read',
  'PUT /v1/reason-codes': 'admin',
  'GET /v1/reason-codes/versions': 'admin',
  'POST /v1/exceptions/{exceptionId}/callback': 'callback:process',
  'POST /v1/exceptions/bulk/assign': 'exception:assign',
  'POST /v1/exceptions/bulk/resolve': 'exception:resolve',
  'POST /v1/exceptions/bulk/dispatch': 'exception:dispatch',
  'POST /v1/exceptions/bulk/apply': 'exception:assign',
  'GET /v1/exceptions/{exceptionId}/comments': 'exception:read',
  'POST /v1/exceptions/{exceptionId}/comments': 'comment:write',
  'PATCH /v1/exceptions/{exceptionId}/comments/{commentId}': 'comment:write',
  'DELETE /v1/exceptions/{exceptionId}/comments/{commentId}': 'comment:write',
  'POST /v1/exceptions/{exceptionId}/disputes': 'dispute:write',
  'GET /v1/disputes': 'dispute:read',
  'GET /v1/disputes/{disputeId}': 'dispute:read',
  'POST /v1/disputes/{disputeId}/open': 'dispute:write',
  'POST /v1/disputes/{disputeId}/request-evidence': 'dispute:write',
  'POST /v1/disputes/{disputeId}/evidence': 'dispute:write',
  'POST /v1/disputes/{disputeId}/close': 'dispute:write',
  'POST /v1/disputes/{disputeId}/reopen': 'dispute:write',
  'GET /v1/connections': 'admin',
  'GET /v1/connections/{target}': 'admin',
  'GET /v1/connections/{target}/changes': 'admin',
  'POST /v1/connections/{target}/test': 'admin',
  'PUT /v1/connections/JIRA': 'admin',
  'PUT /v1/connections/SERVICENOW': 'admin',
  'PUT /v1/connections/WEBHOOK': 'admin',
  'PUT /v1/connections/LEDGER': 'admin',
  'DELETE /v1/connections/{target}': 'admin',
  'GET /v1/inbound-messages': 'exception:read',
  'GET /v1/inbound-messages/{messageId}': 'admin',
  'GET /v1/webhook-endpoints': 'admin',
  'POST /v1/webhook-endpoints': 'admin',
  'GET /v1/webhook-endpoints/{endpointId}': 'admin',
  'PATCH /v1/webhook-endpoints/{endpointId}': 'admin',
  'DELETE /v1/webhook-endpoints/{endpointId}': 'admin',
  'GET /v1/webhook-deliveries': 'admin',
  'GET /v1/webhook-endpoints/{endpointId}/deliveries': 'admin',
  'POST /v1/webhook-endpoints/{endpointId}/deliveries/{eventId}/replay': 'admin',
  'POST /v1/webhook-endpoints/{endpointId}/replay': 'admin',
};
const routeNames = Object.keys(scopeOfRoute);

/** What needs no token, since what it takes is signed: test/faults/inbound.spec.ts is about them. */
const signed = [
  'POST /v1/inbound/jira/{connection}',
  'POST /v1/inbound/servicenow/{connection}',
  'POST /v1/inbound/webhook/{connection}',
  'POST /v1/inbound/ledger/{connection}',
];

/** What tenant A has: one exception with everything that can hang on it, and one that is still open. */
type Belongings = Readonly<
  Record<
    | 'adjustmentId'
    | 'exceptionId'
    | 'disputeId'
    | 'commentId'
    | 'transactionId'
    | 'openId'
    | 'proposedId'
    | 'policyId'
    | 'reasonCodesId'
    | 'connectionId'
    | 'dispatchId'
    | 'messageId',
    string
  >
> &
  ReceivedEvent;

let service: TestApp;
let document: ApiDocument;
let database: Onlooker;
let ana: Person;
let eve: Person;
let anas: Belongings;

beforeAll(async () => {
  service = await startTestApp();
  pretendConnections(service);
  document = (await service.send('GET', '/openapi.json')).body as ApiDocument;
  database = await onlooker(service.database.url);
  // The same name in both tenants: the name alone never identifies a person.
  ana = service.person({ tenant: 'acme', actor: 'user@example.com' });
  eve = service.person({ tenant: 'evil', actor: 'user@example.com' });
  anas = await belongingsOf(ana);
  // No worker delivers here, so that no attempt is made.
  await database.owner.query(
    'INSERT INTO delivery_attempt SELECT tenant_id, endpoint_id, event_id, 1, now(), 1 FROM delivery LIMIT 1',
  );
}, 60_000);

afterAll(async () => {
  await database.close();
  await service.close();
});

async function belongingsOf(person: Person): Promise<Belongings> {
  const { id: exceptionId, transactionId } = await person.raise({ amount: '150.50', currency: 'BRL' });
  const of = `/v1/exceptions/${exceptionId}`;
  const opening = { category: 'OTHER', description: 'Wrong.' };
  const { body: dispute } = await person.post(`${of}/disputes`, opening, { 'Idempotency-Key': newId() });
  await person.post(`/v1/disputes/${dispute.id}/evidence`, { comment: 'Bank statement attached' });
  const { body: comment } = await person.post(`${of}/comments`, { content: 'The bank confirmed the fee.' });
  await person.post(`${of}/dispatch`, { targetSystem: 'MANUAL' });
  await person.post(`${of}/adjust-entry`, bodyFor('POST /v1/exceptions/{exceptionId}/adjust-entry'));
  const { id: matchedId } = await person.raise();
  await person.post(
    `/v1/exceptions/${matchedId}/force-match`,
    bodyFor('POST /v1/exceptions/{exceptionId}/force-match'),
  );
  const { id: openId } = await person.raise();
  const connectionId = await connectToJira(person);
  const approving = await somethingProposed(person);
  const commands = { force_match: 'free_text', adjust_entry: 'free_text', resolve: 'free_text' };
  const { body: codes } = await person.send('PUT', '/v1/reason-codes', { body: { commands } });
  const own = { exceptionId, disputeId: dispute.id, commentId: comment.id, transactionId, openId };
  const messageId = await receiveFromJira(service, person);
  const { dispatchId } = await aDeadDispatch(service, person);
  const { adjustmentId } = await anAdjustment(person);
  return {
    ...own,
    ...approving,
    reasonCodesId: codes.id,
    adjustmentId,
    connectionId,
    dispatchId,
    messageId,
    ...(await receiveEvents(person)),
  };
}

/** Of a severity that nothing else has here, so that nothing else takes approval. */
async function somethingProposed(person: Person): Promise<{ proposedId: string; policyId: string }> {
  const rules = [{ command: 'adjust_entry', severity: 'CRITICAL', approvers: 1 }];
  // The policy of the documented example takes another person to be weakened.
  const other = service.person({ tenant: person.tenant, actor: 'another administrator' });
  await other.send('PUT', '/v1/approval-policy', { body: { rules } });
  const { body: policy } = await person.send('PUT', '/v1/approval-policy', { body: { rules } });
  const { id: proposedId } = await person.raise({ severity: 'CRITICAL' });
  const adjustment = bodyFor('POST /v1/exceptions/{exceptionId}/adjust-entry');
  await person.post(`/v1/exceptions/${proposedId}/adjust-entry`, adjustment);
  return { proposedId, policyId: policy.id };
}

const routes = (): Route[] => apiRoutes(document);
const route = (name: string): Route => {
  const found = routes().find((one) => one.name === name);
  if (!found) throw new Error(`The document has no ${name}.`);
  return found;
};

function bodyFor(name: string, exceptionId = newId()): Record<string, unknown> | undefined {
  const body = bodyOf(document, route(name).operation);
  if (!body) return undefined;
  const { filter, ...example } = exampleOf(document, body, {
    transactionId: newId(),
    targetSystem: 'MANUAL',
  });
  return { ...example, ...(filter !== undefined && { exceptionIds: [exceptionId] }) };
}

const filled = (name: string, ids: Readonly<Record<string, string>>): string =>
  route(name).path.replace(/\{(\w+)\}/g, (_, parameter: string) => {
    // Names a kind of thing, of which every tenant may have one.
    const id = parameter === 'target' ? 'JIRA' : ids[parameter];
    if (id === undefined) throw new Error(`These tests know no ${parameter}: give tenant A one.`);
    return id;
  });

/** A request with which nothing is wrong but who sends it. */
function requestFor(
  name: string,
  ids: Readonly<Record<string, string>> = { ...anas, exceptionId: anas.openId },
) {
  const { method, operation } = route(name);
  const isFile = operation.requestBody?.content['text/csv'] !== undefined;
  const body = bodyFor(name, ids['exceptionId']);
  const file = name.endsWith('/import')
    ? `transactionId,reason\n${newId()},Missing\n`
    : `id,version,assignee\n${ids['exceptionId']},1,bo@example.com\n`;
  return {
    method,
    url: filled(name, ids),
    headers: {
      ...(isFile && { 'content-type': 'text/csv' }),
      ...(body && { 'content-type': 'application/json' }),
      // Who calls back has to say which call it is.
      ...(name.endsWith('/callback') && { 'x-idempotency-key': newId() }),
    },
    ...((isFile || body) && { payload: isFile ? file : JSON.stringify(body) }),
  };
}

type Headers = Readonly<Record<string, string | readonly string[]>>;

async function sendAs(on: TestApp, headers: Headers, name: string, ids?: Readonly<Record<string, string>>) {
  const request = requestFor(name, ids);
  const answer = await on.app.inject({
    ...request,
    headers: { ...request.headers, ...headers } as Record<string, string | string[]>,
  });
  const isJson = String(answer.headers['content-type']).includes('json');
  const body: Answer['body'] = isJson && JSON.parse(answer.payload);
  return { status: answer.statusCode, headers: answer.headers, text: answer.payload, body };
}

const as = (person: Person, more: Record<string, string> = {}) => ({
  authorization: `Bearer ${person.token}`,
  ...more,
});

/** Nothing in any table but those that may. */
const nothingChanges = async (work: () => Promise<void>, ...may: string[]): Promise<void> => {
  const look = async () =>
    Object.fromEntries(Object.entries(await database.look()).filter(([table]) => !may.includes(table)));
  const before = await look();
  await work();
  expect(await look()).toEqual(before);
};

describe('the scopes', () => {
  it('are those of this list, which the document repeats', () => {
    const documented = routes().map(({ name, scope }) => [name, scope]);
    expect(Object.fromEntries(documented)).toEqual(scopeOfRoute);
  });

  it('are asked for everywhere but where what comes is signed', async () => {
    const open = routesOf(document).filter(({ path, operation }) => {
      return path.startsWith('/v1/') && !operation.security?.some((scheme) => 'BearerAuth' in scheme);
    });
    expect(open.map(({ name }) => name)).toEqual(signed);
    await nothingChanges(async () => {
      for (const { path } of open) {
        const { connectionId } = anas;
        const answer = await ana.post(path.replace('{connection}', connectionId), { status: 'RESOLVED' });
        expect([path, answer.status]).toEqual([path, 401]);
      }
    });
  });

  it.each(Object.entries(scopeOfRoute))('%s is closed without %s', async (name, scope) => {
    const others = scopes.filter((one) => one !== scope);
    const wrong = [
      others,
      [],
      ['admin'],
      [scope.toUpperCase()],
      [`${scope}s`],
      [scope.split(':')[0]!],
      [`${scope.split(':')[0]}:*`],
      ['*'],
    ].filter((granted) => !granted.includes(scope));
    await nothingChanges(async () => {
      for (const granted of wrong) {
        const person = service.person({ tenant: ana.tenant, scopes: granted });
        const { status, headers, body } = await sendAs(service, as(person), name);
        expect([granted, status]).toEqual([granted, 403]);
        expect(checkError(body)).toEqual([]);
        expect(body).toMatchObject({ code: '403', title: 'insufficient_scope', details: { scope } });
        expect(body.message).toContain(scope);
        expect(headers['www-authenticate']).toBe(`Bearer error="insufficient_scope", scope="${scope}"`);
      }
    });
  });

  it.each(Object.entries(scopeOfRoute))('%s is open with nothing but %s', async (name, scope) => {
    const person = service.person({ tenant: `scoped-${newId()}`, scopes: [scope] });
    const owner = service.person({ tenant: person.tenant });
    const { status, body } = await sendAs(service, as(person), name, await belongingsOf(owner));
    expect([200, 201, 202, 204, 422]).toContain(status);
    expect(body.title).not.toBe('insufficient_scope');
  });
});

const target = { secret, keys: makeKeys() };

describe('without a good token', () => {
  // What the honest one deletes comes back under its own id, and no ledger has to be asked for what comes next.
  afterAll(async () => {
    await connectToJira(ana);
    await ana.send('DELETE', '/v1/connections/LEDGER');
  });

  const hostile = hostileTokens(target);

  it('there are many ways to try', () => {
    expect(hostile.length).toBeGreaterThanOrEqual(60);
  });

  it.each(routeNames)(
    '%s answers 401 to every one of them, and changes nothing',
    async (name) => {
      await nothingChanges(async () => {
        const letIn: unknown[] = [];
        for (const { name: how, headers } of hostile) {
          const answer = await sendAs(service, { ...headers, 'x-idempotency-key': newId() }, name);
          const challenge = String(answer.headers['www-authenticate']);
          const sound =
            answer.status === 401 &&
            /^Bearer( error="invalid_token", error_description="[^"\\]+")?$/.test(challenge) &&
            checkError(answer.body).length === 0 &&
            answer.body.title === 'unauthorized' &&
            answer.body.details === undefined;
          if (!sound) letIn.push([how, answer.status, challenge, answer.body]);
        }
        expect(letIn).toEqual([]);
      });
    },
    60_000,
  );

  it.each(routeNames)('%s is asked for before anything else is looked at', async (name) => {
    await nothingChanges(async () => {
      const request = requestFor(name, {
        exceptionId: 'no-uuid',
        disputeId: 'no-uuid',
        commentId: 'no-uuid',
        endpointId: 'no-uuid',
        dispatchId: 'no-uuid',
        adjustmentId: 'no-uuid',
        eventId: 'no-uuid',
        messageId: 'no-uuid',
      });
      const answer = await service.app.inject({
        ...request,
        headers: { ...request.headers, 'if-match': 'nonsense', 'x-idempotency-key': 'not a key' },
        ...(request.payload !== undefined && { payload: '{"broken' }),
      });
      expect(answer.statusCode).toBe(401);
    });
  });

  it.each(routeNames)(
    '%s does let in the honest one, of which each hostile one is a variation',
    async (name) => {
      const authorization = `Bearer ${honestToken(target)}`;
      const { status } = await sendAs(service, { authorization }, name);
      expect([200, 201, 202, 204, 404, 422]).toContain(status);
    },
  );
});

describe("another tenant's things", () => {
  const withId = routeNames.filter((name) => name.includes('{'));
  const counting = 'GET /v1/exceptions/summary';
  /** Names routes and people, and no thing of a tenant: test/e2e/access-records.spec.ts is about it. */
  const trail = 'GET /v1/access-records';
  const lists = routeNames.filter(
    (name) => name.startsWith('GET ') && !name.includes('{') && ![counting, trail].includes(name),
  );

  it.each(withId)('%s answers for them what it answers for an unknown id', async (name) => {
    const blind = (text: string, ids: Belongings) =>
      Object.values(ids).reduce((rest, id) => rest.replaceAll(id, 'ID'), text);
    await nothingChanges(async () => {
      for (const exceptionId of [anas.exceptionId, anas.openId, anas.exceptionId.toUpperCase()]) {
        const foreign = { ...anas, exceptionId };
        const unknown = {
          ...{ exceptionId: newId(), disputeId: newId(), commentId: newId() },
          ...{ transactionId: newId(), openId: newId(), connectionId: newId() },
          ...{ endpointId: newId(), eventId: newId(), dispatchId: newId(), messageId: newId() },
          adjustmentId: newId(),
          ...{ proposedId: newId(), policyId: newId(), reasonCodesId: newId() },
        };
        const [theirs, nobodys] = [
          await sendAs(service, as(eve), name, foreign),
          await sendAs(service, as(eve), name, unknown),
        ];
        expect([theirs.status, nobodys.status]).toEqual([404, 404]);
        expect(checkError(theirs.body)).toEqual([]);
        expect(theirs.body.title).toBe('not_found');
        const lower = { ...foreign, exceptionId: exceptionId.toLowerCase() };
        expect(blind(theirs.text, lower)).toBe(blind(nobodys.text, unknown));
        const { 'x-request-id': _a, date: _b, ...rest } = theirs.headers;
        const { 'x-request-id': _c, date: _d, ...others } = nobodys.headers;
        expect(rest).toEqual(others);
      }
      // What was answered to a key is remembered, whatever it was.
    }, 'idempotency');
  });

  it.each(withId)('%s gives them to their owner, whose ids these are', async (name) => {
    const owner = service.person();
    const answer = await sendAs(service, as(owner), name, await belongingsOf(owner));
    expect([200, 201, 202, 204, 422]).toContain(answer.status);
  });

  it.each(withId)('%s keeps no secret by a condition either', async (name) => {
    for (const version of ['"1"', '"2"', '"5"', '*']) {
      const { status, body } = await sendAs(service, as(eve, { 'if-match': version }), name, anas);
      // A route that takes no condition refuses it for every caller.
      if (status === 400) expect(Object.keys(body.details.fields)).toEqual(['If-Match']);
      else expect(status).toBe(404);
    }
  });

  it.each(lists)('%s shows and counts none of them', async (name) => {
    const mine = await belongingsOf(eve);
    const hers = await belongingsOf(ana);
    const found = async (person: Person, things: Belongings) => {
      const { text } = await sendAs(service, as(person), name);
      return Object.values(things).filter((id) => text.includes(id));
    };
    expect(await found(eve, hers)).toEqual([]);
    expect(await found(eve, mine)).not.toEqual([]);
    expect(await found(ana, mine)).toEqual([]);
    expect(await found(ana, hers)).not.toEqual([]);
  });

  it(`${counting} counts none of them`, async () => {
    const stranger = service.person();
    const count = async (person: Person) => (await sendAs(service, as(person), counting)).body;
    const [nothing, before] = [await count(stranger), await count(ana)];
    await ana.raise();
    expect(await count(stranger)).toEqual(nothing);
    expect(await count(ana)).not.toEqual(before);
  });

  it('are not changed by an order for many', async () => {
    const mine = await eve.raise();
    const exceptionIds = [anas.openId, mine.id];
    for (const [route, command] of [
      ['assign', { assignee: 'eve@example.com' }],
      ['dispatch', { targetSystem: 'MANUAL' }],
      ['resolve', { resolution: 'ACCEPTED' }],
    ] as const) {
      const before = (await ana.get(`/v1/exceptions/${anas.openId}`)).body;
      const { status, body } = await eve.post(`/v1/exceptions/bulk/${route}`, { ...command, exceptionIds });
      expect([status, body.total, body.succeeded]).toEqual([200, 2, [mine.id]]);
      expect(body.failed).toEqual([
        { exceptionId: anas.openId, code: 'not_found', error: expect.any(String) },
      ]);
      expect((await ana.get(`/v1/exceptions/${anas.openId}`)).body).toEqual(before);
    }
    const { body } = await eve.send('POST', '/v1/exceptions/bulk/apply', {
      headers: { 'content-type': 'text/csv' },
      raw: `id,version,assignee\n${anas.openId},1,eve@example.com\n`,
    });
    expect(body).toMatchObject({ received: 1, changed: 0, failures: [{ code: 'not_found' }] });
  });

  it('are not found by any filter', async () => {
    const queries = [
      `transaction_id=${anas.transactionId}`,
      'status=RESOLVED',
      'external_system=MANUAL',
      'currency=BRL',
      'amount_min=150.50&amount_max=150.50',
      'q=Correcting',
      'sort_by=amount&limit=1',
    ];
    for (const query of queries) {
      const { body } = await service.person({ tenant: 'evil-too' }).get(`/v1/exceptions?${query}`);
      expect([query, body]).toEqual([query, { items: [], limit: expect.any(Number), hasMore: false }]);
      const owned = await ana.get(`/v1/exceptions?${query}`);
      expect([query, owned.body.items.length]).not.toEqual([query, 0]);
    }
  });

  it('are not seen again when the same transaction is reported', async () => {
    const report = { transactionId: newId(), reason: 'Amount mismatch detected' };
    const hers = await ana.post('/v1/exceptions', report);
    const eves = await eve.post('/v1/exceptions', report);
    expect([hers.status, eves.status]).toEqual([201, 201]);
    expect(eves.body).toMatchObject({ seenCount: 1 });
    expect(eves.body.id).not.toBe(hers.body.id);
    const line = `${JSON.stringify(report)}\n`;
    const headers = { 'content-type': 'application/x-ndjson' };
    const third = service.person();
    const imported = await third.send('POST', '/v1/exceptions/import', { headers, raw: line });
    expect(imported.body).toMatchObject({ raised: 1, seenAgain: 0 });
    expect((await ana.get(`/v1/exceptions/${hers.body.id}`)).body.seenCount).toBe(1);
  });

  it.each(routeNames.filter((name) => !/^GET |\/(import|apply|test)$/.test(name)))(
    '%s takes a key that the other tenant used as one of its own',
    async (name) => {
      const key = { 'x-idempotency-key': newId() };
      const [owner, other] = [service.person(), service.person()];
      const things = await belongingsOf(owner);
      const ids = name.includes('{commentId}') ? things : { ...things, exceptionId: things.openId };
      const request = requestFor(name, ids);
      const send = async (person: Person) => {
        const answer = await service.app.inject({
          ...request,
          headers: { ...request.headers, ...as(person, key) },
        });
        return { replayed: answer.headers['x-idempotency-replayed'], text: answer.payload };
      };
      // At the same moment, too: requests that are still running share an answer only within a tenant.
      const [first, foreign] = await Promise.all([send(owner), send(other)]);
      expect(first.replayed).toBe('false');
      expect(foreign.replayed).toBe('false');
      expect(foreign.text).not.toBe(first.text);
      const sent = `${request.url} ${request.payload ?? ''}`;
      for (const id of Object.values(things).filter((one) => !sent.includes(one)))
        expect(foreign.text).not.toContain(id);
      expect(await send(owner)).toEqual({ ...first, replayed: 'true' });
      expect(await send(other)).toEqual({ ...foreign, replayed: 'true' });
    },
  );

  it('are not reached by a cursor', async () => {
    await ana.raise();
    const { body: page } = await ana.get('/v1/exceptions?limit=1');
    const { body: history } = await ana.get(`/v1/exceptions/${anas.exceptionId}/history?limit=1`);
    const mine = await eve.raise();
    const opening = { category: 'AMOUNT_MISMATCH', description: 'Wrong.' };
    await ana.post(`/v1/exceptions/${anas.exceptionId}/disputes`, opening);
    await ana.post(`/v1/exceptions/${anas.exceptionId}/comments`, { content: 'Once more.' });
    const { body: disputes } = await ana.get('/v1/disputes?limit=1');
    const { body: comments } = await ana.get(`/v1/exceptions/${anas.exceptionId}/comments?limit=1`);
    for (const path of [
      `/v1/exceptions?limit=1&cursor=${page.nextCursor}`,
      `/v1/disputes?limit=1&cursor=${disputes.nextCursor}`,
      `/v1/exceptions/${mine.id}/comments?limit=1&cursor=${comments.nextCursor}`,
      `/v1/exceptions/${mine.id}/history?limit=1&cursor=${history.nextCursor}`,
      `/v1/exceptions/${anas.exceptionId}/history?limit=1&cursor=${history.nextCursor}`,
    ]) {
      const { status, body } = await eve.get(path);
      expect([path, status]).toEqual([path, 400]);
      expect(Object.keys(body.details.fields)).toEqual(['cursor']);
    }
    expect((await ana.get(`/v1/exceptions?limit=1&cursor=${page.nextCursor}`)).status).toBe(200);
  });
});

describe('in the database itself', () => {
  const withTenant = [
    ...[
      'access_record',
      'adjustment',
      'approval_policy',
      'comment',
      'connection',
      'connection_change',
      'delivery',
      'delivery_attempt',
      'dispatch',
      'dispatch_attempt',
      'dispute',
      'evidence',
      'exception',
      'forced_match',
      'history',
      'idempotency',
      'inbound_message',
      'reason_codes',
      'webhook_endpoint',
      'webhook_lane',
    ],
  ];
  const appendOnly = [
    ...[
      'access_record',
      'adjustment',
      'approval_policy',
      'connection_change',
      'delivery_attempt',
      'dispatch_attempt',
      'evidence',
      'forced_match',
      'history',
      'inbound_message',
      'reason_codes',
    ],
  ];
  const denied = { code: '42501' };

  /** Runs as the role of the service, for a tenant or none, and takes everything back. */
  async function asService<T>(tenant: string | undefined, work: () => Promise<T>): Promise<T> {
    const { owner } = database;
    await owner.query('BEGIN');
    try {
      await owner.query(`SET LOCAL ROLE ${appRole}`);
      if (tenant !== undefined) await owner.query(`SELECT set_config('redress.tenant', $1, true)`, [tenant]);
      return await work();
    } finally {
      await owner.query('ROLLBACK');
    }
  }

  const countOf = async (table: string): Promise<number> => {
    const { rows } = await database.owner.query<{ n: string }>(
      `SELECT count(*) AS n FROM ${table} WHERE tenant_id = $1`,
      [ana.tenant],
    );
    return Number(rows[0]?.n);
  };

  const query = (text: string, values: unknown[] = []): Promise<QueryResult> =>
    database.owner.query(text, values);

  /** Any row of hers, as JSON, so that it can be written again. */
  const rowOf = async (table: string): Promise<unknown> =>
    (await query(`SELECT to_jsonb(t) AS row FROM ${table} t WHERE tenant_id = $1 LIMIT 1`, [ana.tenant]))
      .rows[0]?.row;

  it('every table has its fence, and only what counts migrations and processes has no tenant', async () => {
    const { rows } = await query(
      `SELECT c.relname AS name, c.relrowsecurity AS fenced,
              EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id') AS has_tenant,
              (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid AND p.polcmd = '*')::int AS policies,
              (SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
               WHERE i.indrelid = c.oid AND i.indisprimary) AS key_begins
       FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY 1`,
    );
    const fenced = { fenced: true, has_tenant: true, policies: 1, key_begins: 'tenant_id' };
    const withoutTenant = { fenced: false, has_tenant: false, policies: 0, key_begins: 'id' };
    expect(Object.fromEntries(rows.map(({ name, ...facts }) => [name, facts]))).toEqual({
      ...Object.fromEntries(withTenant.map((name) => [name, fenced])),
      redress_migration: withoutTenant,
      job_process: withoutTenant,
    });
    const { rows: rights } = await query(
      `SELECT has_table_privilege($1, 'redress_migration', 'SELECT') AS reads,
              has_table_privilege($1, 'redress_migration', 'INSERT, UPDATE, DELETE, TRUNCATE') AS writes`,
      [appRole],
    );
    expect(rights[0]).toEqual({ reads: true, writes: false });
  });

  it('every index begins with the tenant, but those that find what is over or unfinished, and whose a connection is', async () => {
    const { rows } = await query(
      `SELECT c.relname AS name FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
       LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
       WHERE c.relnamespace = 'public'::regnamespace AND a.attname IS DISTINCT FROM 'tenant_id' ORDER BY 1`,
    );
    const mayNot = rows.map(({ name }) => name as string).filter((name) => !/migration|^PK_/.test(name));
    expect(mayNot).toEqual([
      ...[
        'access_record_by_time',
        'connection_by_id',
        'delivery_unsettled',
        'dispatch_unsettled',
        'exception_waits',
      ],
      'idempotency_by_expiry',
      'job_process_pkey',
    ]);
  });

  it('the role of the service stands under the fences', async () => {
    const { rows } = await query(
      `SELECT rolsuper, rolbypassrls, rolcanlogin, rolcreaterole, rolcreatedb,
              (SELECT count(*)::int FROM pg_class c WHERE c.relowner = r.oid) AS owned
       FROM pg_roles r WHERE rolname = $1`,
      [appRole],
    );
    expect(rows).toEqual([
      {
        rolsuper: false,
        rolbypassrls: false,
        rolcanlogin: false,
        rolcreaterole: false,
        rolcreatedb: false,
        owned: 0,
      },
    ]);
  });

  describe.each(withTenant)('%s', (table) => {
    it('shows her rows to her, and to the owner, whom no fence holds', async () => {
      const all = await countOf(table);
      expect(all).toBeGreaterThan(0);
      expect(await asService(ana.tenant, () => countOf(table))).toBe(all);
      await query(`SELECT set_config('redress.tenant', $1, false)`, [eve.tenant]);
      expect(await countOf(table)).toBe(all);
    });

    it.each([
      ['nobody', undefined],
      ['a tenant without a name', ''],
      ['another tenant', 'evil'],
      ['all tenants', '%'],
      ['a tenant in capitals', 'ACME'],
      ['a tenant with a blank', 'acme '],
    ])('shows none of them to %s', async (_who, tenant) => {
      await query(`RESET redress.tenant`);
      expect(await asService(tenant, () => countOf(table))).toBe(0);
      const whole = await asService(tenant, () => query(`SELECT tenant_id FROM ${table}`));
      expect(whole.rows.filter((row) => row.tenant_id === ana.tenant)).toEqual([]);
    });

    it.each([
      ['nobody', undefined],
      ['another tenant', 'evil'],
    ])('lets %s change none of them', async (_who, tenant) => {
      await query(`RESET redress.tenant`);
      const update = () => query(`UPDATE ${table} SET tenant_id = tenant_id WHERE tenant_id = 'acme'`);
      if (appendOnly.includes(table)) await expect(asService(tenant, update)).rejects.toMatchObject(denied);
      else expect((await asService(tenant, update)).rowCount).toBe(0);
    });

    it.each([
      ['nobody', undefined],
      ['another tenant', 'evil'],
    ])('lets %s write none in her name', async (_who, tenant) => {
      await query(`RESET redress.tenant`);
      const row = await rowOf(table);
      const columns = ['tenant_id', ...columnsOf(table as TableName)].join(', ');
      const insert = () =>
        query(
          `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM jsonb_populate_record(null::${table}, $1)`,
          [row],
        );
      await expect(asService(tenant, insert)).rejects.toMatchObject({
        ...denied,
        message: expect.stringContaining('row-level security'),
      });
      // The control: what stops her is only that the row is there already.
      await expect(asService(ana.tenant, insert)).rejects.toMatchObject({ code: '23505' });
    });

    it('refuses to move a row to another tenant', async () => {
      const give = () => query(`UPDATE ${table} SET tenant_id = 'evil'`);
      await expect(asService(ana.tenant, give)).rejects.toMatchObject(denied);
    });

    // A lane that has nothing to send has no row: those of the tenant are deleted.
    const verbs = ['TRUNCATE', 'DROP TABLE', ...(table === 'webhook_lane' ? [] : ['DELETE FROM'])];
    it.each(verbs)('lets the service not even %s', async (verb) => {
      await expect(asService(ana.tenant, () => query(`${verb} ${table}`))).rejects.toMatchObject(denied);
    });

    it('lets the service not put the fence aside', async () => {
      for (const statement of [
        `ALTER TABLE ${table} DISABLE ROW LEVEL SECURITY`,
        `DROP POLICY tenant ON ${table}`,
        `ALTER TABLE ${table} DISABLE TRIGGER ALL`,
        `SET session_replication_role = replica`,
      ])
        await expect(asService(ana.tenant, () => query(statement))).rejects.toMatchObject(denied);
      // Without rows that a policy would hide, this setting makes no difference; with them it makes an error.
      const unfenced = async () => {
        await query('SET LOCAL row_security = off');
        return query(`SELECT * FROM ${table}`);
      };
      await expect(asService(eve.tenant, unfenced)).rejects.toMatchObject(denied);
    });
  });

  it('only expired replies can be deleted, of any tenant', async () => {
    const before = await countOf('idempotency');
    await database.owner.query('BEGIN');
    try {
      await database.owner.query(
        `INSERT INTO idempotency (tenant_id, key, fingerprint, answer, expires_at) VALUES ('acme', 'old', 'f', 'a', now() - interval '1 s')`,
      );
      await database.owner.query(`SET LOCAL ROLE ${appRole}`);
      const { rows } = await query('SELECT redress_reap_replies(1000) AS gone');
      expect(Number(rows[0]?.gone)).toBe(1);
    } finally {
      await database.owner.query('ROLLBACK');
    }
    expect(await countOf('idempotency')).toBe(before);
  });

  describe.each(appendOnly)('the past, as kept in %s,', (table) => {
    const attempts = [
      `UPDATE ${table} SET tenant_id = tenant_id`,
      `UPDATE ${table} SET tenant_id = 'evil' WHERE tenant_id = 'acme'`,
      `DELETE FROM ${table}`,
      `DELETE FROM ${table} WHERE tenant_id = 'acme'`,
      `TRUNCATE ${table}`,
      `TRUNCATE ${table} CASCADE`,
      `MERGE INTO ${table} t USING (SELECT 1) s ON t.tenant_id = 'acme' WHEN MATCHED THEN DELETE`,
    ];

    it.each(['origin', 'local', 'replica'])(
      'stays as it was, even for the owner in the role %s',
      async (role) => {
        for (const attempt of attempts) {
          await query('BEGIN');
          try {
            await query(`SET LOCAL session_replication_role = ${role}`);
            await expect(query(attempt)).rejects.toMatchObject({
              code: 'RD002',
              message: `${table} is append-only`,
            });
          } finally {
            await query('ROLLBACK');
          }
        }
        expect(await countOf(table)).toBeGreaterThan(0);
      },
    );

    it('is guarded by triggers that always fire', async () => {
      const { rows } = await query(
        `SELECT tgname AS name, tgenabled AS enabled FROM pg_trigger WHERE tgrelid = $1::regclass AND NOT tgisinternal ORDER BY 1`,
        [table],
      );
      expect(rows).toEqual([
        { name: `${table}_keeps_all`, enabled: 'A' },
        { name: `${table}_keeps_rows`, enabled: 'A' },
      ]);
    });
  });

  it('the owner can change what is no past, so it is not for lack of rights', async () => {
    await query('BEGIN');
    try {
      const { rowCount } = await query(`UPDATE exception SET reason = 'changed' WHERE tenant_id = 'acme'`);
      expect(rowCount).toBeGreaterThan(0);
    } finally {
      await query('ROLLBACK');
    }
  });
});

// The last one: passport has one strategy per process, so the service started here takes the place of the other's.
describe('where issuer and audience are configured', () => {
  it('a token of another issuer, or for another audience, is none', async () => {
    const issuer = 'https://issuer.example.com';
    const audience = 'redress';
    const strict = await startTestApp({ JWT_ISSUER: issuer, JWT_AUDIENCE: audience });
    try {
      const named = { ...target, issuer, audience };
      const about = hostileTokens(named).filter(({ name }) => /^(iss|aud) /.test(name));
      expect(about.length).toBeGreaterThanOrEqual(15);
      for (const name of routeNames) {
        for (const { name: how, headers } of about) {
          const { status } = await sendAs(strict, headers, name);
          expect([name, how, status]).toEqual([name, how, 401]);
        }
        const { status } = await sendAs(strict, { authorization: `Bearer ${honestToken(named)}` }, name);
        expect([name, status]).not.toEqual([name, 401]);
      }
    } finally {
      await strict.close();
    }
  }, 60_000);
});
