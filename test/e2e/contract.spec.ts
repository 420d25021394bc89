import { readFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import path from 'node:path';
import { parse } from 'yaml';
import { newId } from '../../apps/api/src/ids';
import type { DeskStore } from '@redress/domain';
import { STORE } from '../../apps/api/src/storage/storage.module';
import {
  apiRoutes,
  bodyOf,
  checkError,
  checksOf,
  exampleOf,
  internals,
  membersOf,
  type ApiDocument,
  type Schema,
} from '../support/api-document';
import { startTestApp, type Answer, type Person, type TestApp } from '../support/app';
import { freshDatabase, type FreshDatabase } from '../support/database';

/** The published contract, letter by letter, beside which this service is measured. */
const contract = parse(
  readFileSync(path.join(__dirname, '../contract/exceptions-v1.openapi.yaml'), 'utf8'),
) as ApiDocument;

// The one documented exception: the enum of the answer forgets the category that the example of the request uses.
const answeredCategories = contract.components.schemas['DisputeResponse']!.properties!['category']!
  .enum as string[];
answeredCategories.push('AMOUNT_MISMATCH');

const checkFor = checksOf(contract);
const checkContractError = checkFor(contract.components.schemas['ErrorResponse']!);

/** The contract has no example of it, only its format. */
const effectiveAt = '2025-01-15T10:30:00.000Z';

const operations = apiRoutes(contract).map(({ path: template, operation }) => {
  const schema = bodyOf(contract, operation)!;
  const success = Object.keys(operation.responses).find((status) => status < '300')!;
  const { operationId: id } = operation;
  return {
    id,
    template,
    schema,
    success: Number(success),
    checkAnswer: checkFor(operation.responses[success]!.content!['application/json']!.schema),
    example: exampleOf(contract, schema, { effectiveAt }),
    // Nothing is connected to this deployment, so what the example dispatches to is refused; see below.
    accepted: exampleOf(contract, schema, {
      effectiveAt,
      ...(id === 'dispatchException' && { targetSystem: 'MANUAL' }),
    }),
    required: schema.required ?? [],
    limited: membersOf(contract, schema).filter(([, member]) => member.maxLength !== undefined),
  };
});
type OperationUnderTest = (typeof operations)[number];
const named = operations.map((operation) => [operation.id, operation] as const);

let service: TestApp;
let user: Person;

beforeAll(async () => {
  service = await startTestApp();
  user = service.person({ actor: 'user@example.com' });
}, 60_000);

afterAll(() => service.close());

const pathOf = ({ template }: OperationUnderTest, exceptionId: string): string =>
  template.replace('{exceptionId}', exceptionId);

/** Sends to an exception of its own. */
async function send(
  operation: OperationUnderTest,
  body: unknown = operation.accepted,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const { id } = await user.raise();
  return user.post(pathOf(operation, id), body, headers);
}

function expectError(answer: Answer, status: number, title: string): void {
  expect(answer.status).toBe(status);
  expect(answer.headers['content-type']).toMatch(/^application\/json/);
  expect(checkContractError(answer.body)).toEqual([]);
  expect(checkError(answer.body)).toEqual([]);
  expect(answer.body).toMatchObject({ code: String(status), title });
  expect(answer.body.error).toBe(answer.body.message);
  expect(answer.text).not.toMatch(internals);
}

const fieldsIn = (answer: Answer): string[] => Object.keys(answer.body.details?.fields ?? {});

it('is about the five operations', () => {
  expect(operations.map(({ id }) => id).sort()).toEqual([
    'adjustEntryException',
    'dispatchException',
    'forceMatchException',
    'openDispute',
    'resolveException',
  ]);
});

it('is checked by schemas that can say no', () => {
  const [answer] = operations.map(({ checkAnswer }) => checkAnswer({ id: 7, exceptionId: 7 }));
  expect(answer).not.toEqual([]);
  expect(checkContractError({ code: 404, title: 'not_found' })).toHaveLength(2);
});

describe.each(named)('%s', (_id, operation) => {
  it('does what the documented example asks, in the documented form', async () => {
    const answer = await send(operation);
    expect(answer.status).toBe(operation.success);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    expect(operation.checkAnswer(answer.body)).toEqual([]);
    expect(answer.text).not.toContain('null');
    expect(answer.headers['x-idempotency-replayed']).toBeUndefined();
  });

  it('gives the request id back, and makes one up where there is none', async () => {
    const given = await send(operation, operation.accepted, { 'X-Request-Id': 'order-66.a:b_c' });
    expect(given.headers['x-request-id']).toBe('order-66.a:b_c');
    expect((await send(operation)).headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    const refused = await send(operation, {}, { 'X-Request-Id': 'order-67' });
    expect(refused.headers['x-request-id']).toBe('order-67');
  });

  it.each(['X-Idempotency-Key', 'Idempotency-Key'])(
    'says with a key in %s whether it replays, and replays the same bytes',
    async (header) => {
      const { id } = await user.raise();
      const ask = () => user.post(pathOf(operation, id), operation.accepted, { [header]: newId() });
      const key = newId();
      const again = () => user.post(pathOf(operation, id), operation.accepted, { [header]: key });
      const [first, second] = [await again(), await again()];
      expect([first.status, second.status]).toEqual([operation.success, operation.success]);
      expect(first.headers['x-idempotency-replayed']).toBe('false');
      expect(second.headers['x-idempotency-replayed']).toBe('true');
      expect(second.text).toBe(first.text);
      // Under another key the same request is another one, which the rules refuse.
      expect((await ask()).status).toBe(422);
    },
  );

  it('takes both spellings of the header for one key', async () => {
    const { id } = await user.raise();
    const key = newId();
    const post = (header: string) => user.post(pathOf(operation, id), operation.accepted, { [header]: key });
    await post('X-Idempotency-Key');
    expect((await post('Idempotency-Key')).headers['x-idempotency-replayed']).toBe('true');
  });

  it.each(operation.required)('names %s when it is missing', async (member) => {
    const { [member]: _left, ...rest } = operation.accepted;
    const answer = await send(operation, rest);
    expectError(answer, 400, 'invalid_request');
    expect(fieldsIn(answer)).toEqual([member]);
  });

  it('names everything that is missing', async () => {
    const answer = await send(operation, {});
    expectError(answer, 400, 'invalid_request');
    expect(fieldsIn(answer).sort()).toEqual([...operation.required].sort());
  });

  it.each(freeTexts(operation))(
    'takes %s of up to %i characters, and names it when it is longer',
    async (name, max) => {
      for (const character of ['x', '\u00e9', '\u{1f600}']) {
        const full = await send(operation, { ...operation.accepted, [name]: character.repeat(max) });
        expect(full.status).toBe(operation.success);
        const over = await send(operation, { ...operation.accepted, [name]: character.repeat(max + 1) });
        expectError(over, 400, 'invalid_request');
        expect(fieldsIn(over)).toEqual([name]);
        expect(over.body.details.fields[name]).toContain(String(max));
      }
    },
  );

  it.each(operation.limited)('names %s when it is too long or empty', async (name, { maxLength = 0 }) => {
    // An optional field that is "" is not given.
    const empty = operation.required.includes(name) ? [''] : [];
    for (const text of ['X'.repeat(maxLength + 1), ...empty, '   ']) {
      const answer = await send(operation, { ...operation.accepted, [name]: text });
      expectError(answer, 400, 'invalid_request');
      expect(fieldsIn(answer)).toEqual([name]);
    }
  });

  it('answers 401 without a token', async () => {
    const { id } = await user.raise();
    const answer = await service.send('POST', pathOf(operation, id), { body: operation.accepted });
    expectError(answer, 401, 'unauthorized');
    expect(answer.headers['www-authenticate']).toBe('Bearer');
  });

  it('answers 403 without the scope', async () => {
    const { id } = await user.raise();
    const reader = service.person({ tenant: user.tenant, scopes: ['exception:read', 'dispute:read'] });
    expectError(await reader.post(pathOf(operation, id), operation.accepted), 403, 'insufficient_scope');
  });

  it('answers 404 for an exception that is not there', async () => {
    const unknown = '550e8400-e29b-41d4-a716-446655440000';
    expectError(await user.post(pathOf(operation, unknown), operation.accepted), 404, 'not_found');
  });

  it('answers 400 for an id that is no UUID', async () => {
    const answer = await user.post(pathOf(operation, 'RECON-1234'), operation.accepted);
    expectError(answer, 400, 'invalid_request');
    expect(fieldsIn(answer)).toEqual(['exceptionId']);
  });

  it('answers 422 when the rules say no', async () => {
    const { id } = await user.raise();
    await user.post(pathOf(operation, id), operation.accepted);
    const titles: Record<string, string> = {
      openDispute: 'dispute_active',
      dispatchException: 'already_dispatched',
    };
    const answer = await user.post(pathOf(operation, id), operation.accepted);
    expectError(answer, 422, titles[operation.id] ?? 'not_allowed');
  });

  it('answers 500 when something breaks, tells nothing of it, and leaves the key usable', async () => {
    const { id } = await user.raise();
    const key = { 'X-Idempotency-Key': newId() };
    const broken = jest
      .spyOn(service.app.get<DeskStore>(STORE).desk, 'run')
      .mockRejectedValue(new Error('SELECT * FROM secret at /srv/apps/api/src/main.ts:1'));
    const answer = await user.post(pathOf(operation, id), operation.accepted, key);
    broken.mockRestore();
    expectError(answer, 500, 'internal_error');
    expect(answer.text).not.toContain('secret');

    const retried = await user.post(pathOf(operation, id), operation.accepted, key);
    expect(retried.status).toBe(operation.success);
    expect(retried.headers['x-idempotency-replayed']).toBe('false');
  });
});

/** Members whose text is free, so that the longest one is as good as any. */
function freeTexts({ id, limited }: OperationUnderTest): [string, number][] {
  const listed: Record<string, string[]> = { openDispute: ['category'], dispatchException: ['targetSystem'] };
  return limited
    .filter(([name]) => !listed[id]?.includes(name))
    .map(([name, { maxLength = 0 }]) => [name, maxLength]);
}

describe('the examples of the answers', () => {
  const exampleFor = (schema: string) => {
    const documented: Schema = contract.components.schemas[schema]!;
    return exampleOf(contract, documented);
  };

  it('are reproduced by a forced match, but for what the service decides by itself', async () => {
    const {
      id: _id,
      createdAt: _createdAt,
      updatedAt: _updatedAt,
      // Nothing was dispatched, and what is force matched is no longer OPEN.
      externalSystem: _system,
      externalIssueId: _issue,
      status: _status,
      ...documented
    } = exampleFor('ExceptionResponse');
    const { transactionId, reason, severity, assignedTo, dueAt, resolutionReason, resolutionNotes } =
      documented;
    const { id } = await user.raise({ transactionId, reason, severity });
    await user.post(`/v1/exceptions/${id}/assign`, { assignee: assignedTo, dueAt });
    const { body } = await user.post(`/v1/exceptions/${id}/force-match`, {
      overrideReason: resolutionReason,
      notes: resolutionNotes,
    });
    expect(body).toMatchObject({ ...documented, id, status: 'RESOLVED' });
    const milliseconds = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
    expect([body.createdAt, body.updatedAt]).toEqual([
      expect.stringMatching(milliseconds),
      expect.stringMatching(milliseconds),
    ]);
  });

  it('are reproduced by a dispute', async () => {
    const { category, description, state, openedBy } = exampleFor('DisputeResponse');
    const { id } = await user.raise();
    const { body } = await user.post(`/v1/exceptions/${id}/disputes`, { category, description });
    expect(body).toMatchObject({ category, description, state, openedBy, exceptionId: id, evidence: [] });
    expect(body).not.toHaveProperty('resolution');
    expect(body).not.toHaveProperty('reopenReason');
  });

  it('are reproduced by a dispatch that is acknowledged', async () => {
    const { acknowledged } = exampleFor('DispatchResponse');
    const { id } = await user.raise();
    const { body } = await user.post(`/v1/exceptions/${id}/dispatch`, { targetSystem: 'MANUAL' });
    expect(body).toEqual({
      exceptionId: id,
      target: 'MANUAL',
      acknowledged,
      dispatchedAt: expect.stringMatching(/\.\d{3}Z$/),
    });
  });

  it('are reproduced by an error', async () => {
    const { code, title } = exampleFor('ErrorResponse');
    const { body } = await user.post(`/v1/exceptions/${newId()}/resolve`, { resolution: 'ACCEPTED' });
    expect(body).toMatchObject({ code, title });
  });
});

describe('what the examples ask for', () => {
  const bodyFor = (id: string) => operations.find((operation) => operation.id === id)!;

  it('is kept by a forced match', async () => {
    const { body } = await send(bodyFor('forceMatchException'));
    expect(body).toMatchObject({
      status: 'RESOLVED',
      resolutionType: 'FORCE_MATCH',
      resolutionReason: 'BUSINESS_DECISION',
      resolutionNotes: 'Approved by finance team after manual review',
    });
  });

  it('is kept by an adjustment, the amount to the digit', async () => {
    const { body } = await send(bodyFor('adjustEntryException'));
    expect(body).toMatchObject({
      status: 'RESOLVED',
      resolutionType: 'ADJUST_ENTRY',
      resolutionReason: 'FEE_ADJUSTMENT',
      resolutionNotes: 'Correcting processing fee discrepancy',
    });
    const { body: adjustments } = await user.get(`/v1/exceptions/${body.id}/adjustments`);
    expect(adjustments.items).toEqual([
      expect.objectContaining({
        amount: '150.50',
        currency: 'BRL',
        direction: 'DEBIT',
        reasonCode: 'FEE_ADJUSTMENT',
        notes: 'Correcting processing fee discrepancy',
        effectiveAt,
      }),
    ]);
  });

  it('is kept by a plain resolution, which has no type', async () => {
    const { body } = await send(bodyFor('resolveException'));
    expect(body).toMatchObject({
      status: 'RESOLVED',
      resolutionNotes: 'ACCEPTED',
      resolutionReason: 'Variance within tolerance',
    });
    expect(body).not.toHaveProperty('resolutionType');
    const { body: without } = await send(bodyFor('resolveException'), { resolution: 'ACCEPTED' });
    expect(without).not.toHaveProperty('resolutionReason');
  });

  it('is kept by a dispute, which is of the category that the enum of the answer forgets', async () => {
    const { status, body } = await send(bodyFor('openDispute'));
    expect(status).toBe(201);
    expect(body).toMatchObject({
      category: 'AMOUNT_MISMATCH',
      description: 'Transaction amount differs from invoice',
      state: 'OPEN',
    });
  });

  it.each(['JIRA', 'SERVICENOW', 'WEBHOOK'])(
    'is refused while nothing is connected to %s',
    async (targetSystem) => {
      const answer = await send(bodyFor('dispatchException'), { targetSystem, queue: 'RECON-TEAM' });
      expectError(answer, 422, 'connector_not_configured');
      expect(answer.body.details).toEqual({ target: targetSystem });
    },
  );

  it.each(answeredCategories)('may be a dispute of the category %s in any letter case', async (category) => {
    const capitalized = category.charAt(0) + category.slice(1).toLowerCase();
    const mixed = [...category].map((c, i) => (i % 2 ? c.toLowerCase() : c)).join('');
    for (const spelled of [category, category.toLowerCase(), capitalized, mixed]) {
      const operation = bodyFor('openDispute');
      const { status, body } = await send(operation, { category: spelled, description: 'Wrong.' });
      expect(status).toBe(201);
      expect(body.category).toBe(category);
      expect(operation.checkAnswer(body)).toEqual([]);
    }
  });

  it.each(['150.5', '150.50', '0.01', 150, '1e2', '99999999999999999999.99'])(
    'may be an amount of %s',
    async (amount) => {
      const operation = bodyFor('adjustEntryException');
      const { status } = await send(operation, { ...operation.accepted, amount });
      expect(status).toBe(200);
    },
  );

  it.each([
    [{ amount: 0 }, 'amount_not_positive'],
    [{ amount: -150.5 }, 'amount_not_positive'],
    [{ amount: 150.555 }, 'amount_precision'],
    [{ amount: 0.5, currency: 'JPY' }, 'amount_precision'],
    [{ currency: 'XYZ' }, 'unknown_currency'],
    [{ amount: '1e30' }, 'amount_out_of_range'],
  ])('is refused as an adjustment of %j: %s', async (over, title) => {
    const operation = bodyFor('adjustEntryException');
    expectError(await send(operation, { ...operation.accepted, ...over }), 422, title);
  });
});

describe('while the database is away', () => {
  let database: FreshDatabase;
  let relay: Relay;
  let apart: TestApp;
  let someone: Person;
  const raised = new Map<string, string>();

  beforeAll(async () => {
    database = await freshDatabase();
    relay = await relayTo(new URL(database.url));
    apart = await startTestApp({ DATABASE_URL: relay.url });
    someone = apart.person();
    for (const { id } of operations) raised.set(id, (await someone.raise()).id as string);
    await relay.cut();
  }, 60_000);

  afterAll(async () => {
    await apart.close();
    await database.drop();
  });

  it.each(named)('%s answers 503 and says when to come back', async (id, operation) => {
    const answer = await someone.post(pathOf(operation, raised.get(id)!), operation.accepted, {
      'X-Idempotency-Key': newId(),
    });
    expectError(answer, 503, 'service_unavailable');
    expect(answer.headers['retry-after']).toBe('1');
  });
});

type Relay = Readonly<{ url: string; cut: () => Promise<void> }>;

/** A way to the database that can be cut: connections break, and new ones are refused. */
async function relayTo(target: URL): Promise<Relay> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    for (const socket of [near, far]) sockets.add(socket.on('error', () => undefined));
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const url = new URL(target);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: url.href,
    cut: () =>
      new Promise((closed) => {
        server.close(() => closed());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
