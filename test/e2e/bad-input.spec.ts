import { newId } from '../../apps/api/src/ids';
import {
  apiRoutes,
  bodyOf,
  checkError,
  checkProblem,
  exampleOf,
  internals,
  membersOf,
  parametersOf,
  type ApiDocument,
  type Parameter,
  type Route,
  type Schema,
} from '../support/api-document';
import { anAdjustment } from '../support/an-adjustment';
import { startTestApp, type Answer, type Person, type TestApp } from '../support/app';
import { connectToJira, receiveFromJira, pretendConnections } from '../support/connections';
import { aDeadDispatch } from '../support/dead-dispatch';
import { receiveEvents } from '../support/endpoints';
import { onlooker, type Onlooker } from '../support/snapshot';

/**
 * Every route of the document is sent everything that can be wrong with a request, so a route that is added is
 * tested by being there. Each request is sent twice, for both shapes of an error.
 */
type Sent = Readonly<{
  path: string;
  headers?: Readonly<Record<string, string | string[]>>;
  payload?: string | Buffer;
}>;
type Case = Sent &
  Readonly<{
    route: Route;
    /** What is wrong, for the reader of a failure. */
    what: string;
    status?: number;
    /** The field that is to blame, which the answer has to name. */
    field?: string;
    /** What the message has to say. */
    says?: RegExp;
  }>;

let service: TestApp;
let person: Person;
let document: ApiDocument;
let database: Onlooker;
let ids: Record<string, string>;

beforeAll(async () => {
  service = await startTestApp();
  pretendConnections(service);
  document = (await service.send('GET', '/openapi.json')).body as ApiDocument;
  database = await onlooker(service.database.url);
  person = service.person();
  const exception = await person.raise({ reason: 'Amount mismatch detected' });
  await person.post(`/v1/exceptions/${exception.id}/assign`, { assignee: 'bo' });
  const opening = { category: 'OTHER', description: 'Wrong.' };
  const { body: dispute } = await person.post(`/v1/exceptions/${exception.id}/disputes`, opening);
  const { body: comment } = await person.post(`/v1/exceptions/${exception.id}/comments`, {
    content: 'Seen.',
  });
  const messageId = await receiveFromJira(service, person);
  const own = { exceptionId: exception.id, disputeId: dispute.id, commentId: comment.id };
  const { dispatchId } = await aDeadDispatch(service, person);
  const { adjustmentId } = await anAdjustment(person);
  ids = { ...own, adjustmentId, dispatchId, messageId, target: 'JIRA', ...(await receiveEvents(person)) };
}, 60_000);

afterAll(async () => {
  await database.close();
  await service.close();
});

/** Good ids in all places, so that nothing is wrong but what is meant to be. */
const filled = (path: string, over: Readonly<Record<string, string>> = {}): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const id = over[name] ?? ids[name];
    if (id === undefined) throw new Error(`These tests know no ${name}: give them one to put into ${path}.`);
    return id;
  });

const json = { 'content-type': 'application/json' };
const bodyOfRoute = (route: Route): Schema | undefined => bodyOf(document, route.operation);
const takes = (route: Route, header: string): boolean =>
  parametersOf(document, route.operation, 'header').some(({ name }) => name === header);
const takesKey = (route: Route): boolean => takes(route, 'X-Idempotency-Key');

/** A body that is accepted as far as its shape goes. */
const goodBody = (route: Route): Record<string, unknown> => {
  const made = { differences: [{ field: 'amount' }] };
  return exampleOf(document, bodyOfRoute(route)!, made);
};

const commands = (route: Route): boolean => bodyOfRoute(route) !== undefined;

/** The body with one member as given, in JSON text, so that it can be what JSON.stringify would not write. */
function withMember(route: Route, name: string, text: string): string {
  const { [name]: _replaced, ...others } = goodBody(route);
  const rest = JSON.stringify(others).slice(1);
  return `{${JSON.stringify(name)}:${text}${rest === '}' ? '' : ','}${rest}`;
}

const memberCase = (route: Route, name: string, text: string, what = text.slice(0, 60)): Case => ({
  route,
  what: `${name}: ${what}`,
  path: filled(route.path),
  headers: json,
  payload: withMember(route, name, text),
  status: 400,
  field: name,
});

const bodyCase = (route: Route, what: string, payload: string | Buffer, more: Partial<Case> = {}): Case => ({
  route,
  what,
  path: filled(route.path),
  headers: json,
  payload,
  status: 400,
  ...more,
});

const eachMember = (
  route: Route,
  cases: (name: string, shape: Schema, isRequired: boolean) => Case[],
): Case[] => {
  const body = bodyOfRoute(route);
  if (!body) return [];
  return membersOf(document, body).flatMap(([name, shape]) =>
    cases(name, shape, body.required?.includes(name) ?? false),
  );
};

const samples: Readonly<Record<string, string>> = {
  null: 'null',
  boolean: 'true',
  number: '42',
  string: '"some text"',
  array: '[]',
  object: '{}',
};

/** What says nothing about its values takes whatever they are, as far as the shape goes. */
const isTyped = ({ additionalProperties }: Schema): boolean =>
  typeof additionalProperties === 'object' && additionalProperties.type !== undefined;

const kindsOf = ({ type, oneOf }: Schema): (string | undefined)[] =>
  (oneOf ? oneOf.map((one) => one.type) : [type]).map((kind) => (kind === 'integer' ? 'number' : kind));

/** What a text must not be beside too long: of every text, whatever its format. */
const unspeakable = ['"\\u0000"', '"a\\u0000b"', '"\\ud83d"', '"a\\ude00b"', '"\\ude00\\ud83d"', '"\u0007"'];

const spelledWrong: Readonly<Record<string, readonly string[]>> = {
  'date-time': [
    'yesterday',
    '2025-01-15',
    '2025-01-15T10:30:00',
    '2025-01-15 10:30:00Z',
    '2025-13-01T00:00:00Z',
    '2025-02-30T00:00:00Z',
    '2025-01-15T24:00:00Z',
    '2025-01-15T10:30:60Z',
    '0000-01-01T00:00:00Z',
    '+12025-01-15T10:30:00Z',
    '2025-01-15T10:30:00+24:00',
    '1736937000',
  ],
  uuid: ['x', '019c96a0-10ce-75fc-a273-dc799079a99', '019c96a010ce75fca273dc799079a99c', "' OR 1=1 --"],
  enum: ['NONSENSE', 'toString', '__proto__', 'OPEN; DROP TABLE exception'],
  '^[A-Z]{3}$': ['brl', 'BR', 'BRLX', 'B L', 'ＢＲＬ', '986'],
  number: [
    '',
    'abc',
    '1,5',
    '1.',
    '.5',
    '+1',
    '01',
    '0x10',
    ' 1',
    '1 ',
    '1e',
    '1_000',
    '٣',
    'NaN',
    'Infinity',
  ],
};
const spellings = (shape: Schema): readonly string[] => {
  const pattern = (shape as { pattern?: string }).pattern ?? '';
  const known = spelledWrong[shape.format ?? ''] ?? spelledWrong[pattern];
  if (known) return known;
  if (shape.enum) return spelledWrong['enum']!;
  return shape.oneOf ? [...spelledWrong['number']!, '1'.repeat(65)] : [];
};

const brokenJson: readonly (string | Buffer)[] = [
  '{',
  '{"notes"',
  '{"notes":}',
  '{"notes":"x"',
  '{"notes":"x",}',
  "{'notes':'x'}",
  '{notes:"x"}',
  '{"notes":"x"}{}',
  '{"notes":"x"} x',
  '{"notes":01}',
  '{"notes":+1}',
  '{"notes":1.}',
  '{"notes":NaN}',
  '{"notes":-Infinity}',
  '{"notes":undefined}',
  '{"notes":tru}',
  '{"notes":"\\x41"}',
  '{"notes":"\\u12"}',
  '{"notes":"a\nb"}',
  '// comment\n{}',
  '<notes/>',
  'notes=x',
  '\ufeff{}',
  Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
  Buffer.from('{"notes":"\xed\xa0\x80"}', 'latin1'),
  Buffer.from('{"notes":"caf\xe9"}', 'latin1'),
  Buffer.from('{"notes":"\xc0\xaf"}', 'latin1'),
  Buffer.from('{"notes":"x"}', 'utf16le'),
];

const badIds = [
  'x',
  '0',
  '-1',
  'null',
  'undefined',
  '019c96a0-10ce-75fc-a273-dc799079a99',
  '019c96a0-10ce-75fc-a273-dc799079a99c0',
  '019c96a010ce75fca273dc799079a99c',
  'g19c96a0-10ce-75fc-a273-dc799079a99c',
  '%7B019c96a0-10ce-75fc-a273-dc799079a99c%7D',
  '%27%20OR%201%3D1%20--',
  '019c96a0-10ce-75fc-a273-dc799079a99c%00',
  '019c96a0-10ce-75fc-a273-dc799079a99c%0A',
  '..%2F..%2Fetc%2Fpasswd',
  '%E2%80%AE',
  '%F0%9F%98%80',
  '__proto__',
  'constructor',
  '*',
  'a'.repeat(2048),
];

const badKeys: readonly (string | readonly string[])[] = [
  '',
  '""',
  '"',
  '"open',
  'closed"',
  'two words',
  'a,b',
  'a;b',
  'a/b',
  'a.b',
  '\u00e9',
  'k'.repeat(129),
  `"${'k'.repeat(129)}"`,
  'k'.repeat(10_000),
  ['one', 'two'],
  ['same', 'same'],
];

const badTags = [
  '7',
  '""',
  '"x"',
  '"-1"',
  '"01"',
  '"1.0"',
  'W/"1"',
  'w/"1"',
  '"1", "2"',
  '"1"x',
  '"1',
  '*, "1"',
  `"${'9'.repeat(400)}"`,
];

/** A path without a parameter may have a method from one that has it. */
const isServed = (method: string, path: string): boolean =>
  Object.entries(document.paths).some(
    ([template, methods]) =>
      new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`).test(path) && methods[method.toLowerCase()],
  );

/** Each kind of mistake, and what it looks like at one route. */
const mistakes: Readonly<Record<string, (route: Route) => Case[]>> = {
  'a member of another type': (route) =>
    eachMember(route, (name, shape, isRequired) =>
      Object.entries(samples)
        .filter(([kind]) => !kindsOf(shape).includes(kind) && (isRequired || kind !== 'null'))
        .map(([, text]) => memberCase(route, name, text)),
    ),

  'items and values of another type': (route) =>
    eachMember(route, (name, shape) => {
      const wrong =
        shape.type === 'array'
          ? Object.entries(samples)
              .filter(([kind]) => kind !== shape.items?.type)
              .map(([, text]) => `[${text}]`)
          : shape.type === 'object' && isTyped(shape)
            ? Object.values(samples)
                .filter((text) => !text.startsWith('"'))
                .map((text) => `{"key":${text}}`)
            : [];
      return wrong.map((text) => memberCase(route, name, text));
    }),

  'a member that is missing': (route) =>
    (bodyOfRoute(route)?.required ?? []).map((name) => {
      const { [name]: _left, ...others } = goodBody(route);
      return bodyCase(route, `no ${name}`, JSON.stringify(others), { field: name });
    }),

  'a member nobody knows': (route) =>
    commands(route)
      ? [
          'surprise',
          'toString',
          'hasOwnProperty',
          'valueOf',
          'then',
          'length',
          '$where',
          'a.b',
          ' ',
          '',
          'tenantId',
          'id',
        ].map((name) => memberCase(route, name, '"x"'))
      : [],

  'a member that reaches a prototype': (route) =>
    commands(route)
      ? ['__proto__', 'constructor', 'prototype'].flatMap((name) =>
          ['{"admin":true}', 'null', '"x"'].map((text) => memberCase(route, name, text)),
        )
      : [],

  'a prototype within a member': (route) =>
    eachMember(route, (name, shape) =>
      shape.type === 'object' || shape.type === 'array'
        ? ['{"__proto__":"x"}', '[{"constructor":{}}]'].map((text) => memberCase(route, name, text))
        : [],
    ),

  'a text that is too long': (route) =>
    eachMember(route, (name, shape) => {
      const { maxLength = 0 } = shape;
      return shape.maxLength === undefined
        ? []
        : ['x', '\u{1f600}', '\ufb03'].map((character) =>
            memberCase(
              route,
              name,
              JSON.stringify(character.repeat(maxLength + 1)),
              `${maxLength + 1} × ${character}`,
            ),
          );
    }),

  'a text that says nothing': (route) =>
    eachMember(route, (name, shape, isRequired) =>
      shape.type === 'string'
        ? [...(isRequired ? [''] : []), ' ', '\t\n', '\u00a0\u2003'].map((text) =>
            memberCase(route, name, JSON.stringify(text)),
          )
        : [],
    ),

  'a text that cannot be stored': (route) =>
    eachMember(route, (name, shape) =>
      shape.type === 'string' ? unspeakable.map((text) => memberCase(route, name, text)) : [],
    ),

  'a value that is spelled wrong': (route) =>
    eachMember(route, (name, shape, isRequired) =>
      spellings(shape)
        .filter((text) => isRequired || text !== '')
        .map((text) => memberCase(route, name, JSON.stringify(text))),
    ),

  'a list or record that is too large': (route) =>
    eachMember(route, (name, { maxItems, maxProperties, additionalProperties }) => {
      const items = Array.from({ length: (maxItems ?? 0) + 1 }, () => ({ field: 'f' }));
      const keys = Array.from({ length: (maxProperties ?? 0) + 1 }, (_, i) => [`k${i}`, 'v']);
      const { maxLength = 0 } = typeof additionalProperties === 'object' ? additionalProperties : {};
      return [
        ...(maxItems === undefined
          ? []
          : [memberCase(route, name, JSON.stringify(items), `${items.length} items`)]),
        ...(maxProperties === undefined
          ? []
          : [
              memberCase(route, name, JSON.stringify(Object.fromEntries(keys)), `${keys.length} keys`),
              memberCase(route, name, JSON.stringify({ k: 'v'.repeat(maxLength + 1) }), 'a long value'),
              memberCase(route, name, JSON.stringify({ ['k'.repeat(65)]: 'v' }), 'a long key'),
              memberCase(route, name, JSON.stringify({ ' ': 'v' }), 'a blank key'),
            ]),
      ];
    }),

  'a member given twice': (route) =>
    eachMember(route, (name) => {
      const value = JSON.stringify(goodBody(route)[name] ?? 'x');
      const escaped = `"\\u${name.charCodeAt(0).toString(16).padStart(4, '0')}${name.slice(1)}"`;
      return [`"${name}"`, escaped].map((again) =>
        bodyCase(route, `${again} twice`, `{"${name}":${value},${again}:${value}}`, { field: name }),
      );
    }),

  'a body that is no object': (route) =>
    commands(route)
      ? ['null', 'true', '42', '"text"', '[]', '[{}]', '-0', '1e999'].map((body) =>
          bodyCase(route, body, body, { says: /JSON object/ }),
        )
      : [],

  'a body that is no JSON': (route) =>
    commands(route)
      ? brokenJson.map((body) => bodyCase(route, `broken: ${JSON.stringify(String(body))}`, body))
      : [],

  'a body that is too deep': (route) =>
    commands(route)
      ? [
          ['{"a":', '1', '}', 33],
          ['[', '', ']', 33],
          ['{"a":', '1', '}', 10_000],
          ['[', '', ']', 200_000],
        ].map(([open, inside, close, depth]) =>
          bodyCase(
            route,
            `${depth} levels of ${open}`,
            `${String(open).repeat(Number(depth))}${inside}${String(close).repeat(Number(depth))}`,
          ),
        )
      : [],

  'a body that is too large': (route) =>
    commands(route)
      ? [1_048_577, 3_000_000].map((size) => {
          const frame = '{"notes":""}';
          const payload = `{"notes":"${'x'.repeat(size - frame.length)}"}`;
          return bodyCase(route, `${size} bytes`, payload, { status: 413 });
        })
      : [],

  'a body of another type': (route) => {
    const others = [
      'text/plain',
      'application/xml',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/jsonx',
      'application/json5',
      'application/merge-patch+json',
      'application/json, text/plain',
      'nonsense',
      ';',
    ];
    const streams = ['application/x-ndjson', 'text/csv'];
    const takes = Object.keys(route.operation.requestBody?.content ?? {});
    if (takes.length === 0) return [];
    const body = commands(route) ? JSON.stringify(goodBody(route)) : '{}';
    return [...others, ...streams, 'application/json']
      .filter((type) => !takes.includes(type))
      .map((type) => bodyCase(route, `as ${type}`, body, { headers: { 'content-type': type }, status: 415 }));
  },

  'a body of no type': (route) =>
    route.operation.requestBody ? [bodyCase(route, 'no type', '{}', { headers: {}, status: 415 })] : [],

  'no body where there has to be one': (route) =>
    (bodyOfRoute(route)?.required ?? []).length > 0
      ? [
          { route, what: 'no body at all', path: filled(route.path), status: 400 },
          bodyCase(route, 'an empty body', ''),
        ]
      : [],

  'an id that is none': (route) =>
    parametersOf(document, route.operation, 'path').flatMap(({ name }) =>
      badIds.map((id) => ({
        ...wellFormed(route),
        what: `${name} ${id.slice(0, 60)}`,
        path: filled(route.path, { [name]: id }),
        status: 400,
        field: name,
      })),
    ),

  'an address that is none': (route) =>
    parametersOf(document, route.operation, 'path').flatMap(({ name }) =>
      ['%zz', '%', '%f', '%ED%A0%80', '%FF', 'a'.repeat(2049), 'a'.repeat(20_000)].map((id) => ({
        ...wellFormed(route),
        what: `${name} ${id.slice(0, 60)}`,
        path: filled(route.path, { [name]: id }),
        status: 400,
      })),
    ),

  'a method it has not': (route) =>
    (['PUT', 'PATCH', 'DELETE'] as const)
      .filter((method) => !isServed(method, filled(route.path)))
      .map((method) => ({
        ...wellFormed(route),
        route: { ...route, method },
        what: method,
        status: 405,
      })),

  'a path that leads on to nowhere': (route) => [
    {
      ...wellFormed(route),
      what: 'steps too far',
      path: `${filled(route.path)}/that/is/nowhere`,
      status: 404,
    },
  ],

  'a query parameter that is wrong': (route) =>
    queryOf(route).flatMap((parameter) =>
      wrongValues(parameter).map((value) => queryCase(route, parameter.name, `${parameter.name}=${value}`)),
    ),

  'a query parameter given twice': (route) =>
    queryOf(route)
      .filter(({ schema }) => schema.type !== 'array')
      .map(({ name, schema }) => {
        const value = schema.enum?.[0] ?? (schema.type === 'integer' ? '1' : '2025-01-15');
        return queryCase(route, name, `${name}=${value}&${name}=${value}`);
      }),

  'a query parameter nobody knows': (route) =>
    route.path.startsWith('/v1/')
      ? [
          'surprise',
          'Limit',
          'limit[]',
          'limit%5Bgt%5D',
          'toString',
          '__proto__',
          'constructor',
          'tenant_id',
          '%00',
        ].map((name) => queryCase(route, decodeURIComponent(name), `${name}=1`))
      : [],

  'a condition that is none': (route) =>
    takes(route, 'If-Match') ? badTags.map((tag) => conditionCase(route, tag)) : [],

  'a condition that would mean nothing': (route) =>
    route.method === 'GET' || takes(route, 'If-Match')
      ? []
      : ['"1"', '*', 'nonsense'].map((tag) => conditionCase(route, tag)),

  'an idempotency key that is none': (route) =>
    takesKey(route)
      ? [
          ...['x-idempotency-key', 'idempotency-key'].flatMap((header) =>
            badKeys.map((key): Case['headers'] => ({ [header]: typeof key === 'string' ? key : [...key] })),
          ),
          { 'x-idempotency-key': 'one', 'idempotency-key': 'two' },
        ].map((headers) => ({
          ...wellFormed(route),
          what: JSON.stringify(headers).slice(0, 80),
          headers: { ...json, ...headers },
          status: 400,
          field: 'X-Idempotency-Key',
        }))
      : [],
};

/** What the message has to say, so that a request is refused for this mistake and not for another. */
const reasons: Readonly<Record<string, RegExp>> = {
  'a member that is missing': /is required/,
  'a member nobody knows': /is not a known member/,
  'a member that reaches a prototype': /name is reserved/,
  'a prototype within a member': /name is reserved/,
  'a text that is too long': /at most|must be/,
  'a text that says nothing': /blank|must be/,
  'a text that cannot be stored': /U\+0000|surrogate|control character/,
  'a member given twice': /given twice/,
  'a body that is no JSON': /at line \d+, column \d+|UTF-8|byte order mark/,
  'a body that is too deep': /nested more than 32 levels/,
  'an id that is none': /must be a UUID|must be one of/,
  'a query parameter given twice': /must be given once|must be true or false/,
  'a query parameter nobody knows': /is not a parameter of/,
  'a condition that is none': /If-Match holds/,
  'a condition that would mean nothing': /If-Match cannot be asked for here/,
};

/** Nothing wrong yet. */
function wellFormed(route: Route): Case {
  return {
    route,
    what: 'nothing',
    path: filled(route.path),
    ...(commands(route) && { headers: json, payload: JSON.stringify(goodBody(route)) }),
  };
}

const conditionCase = (route: Route, tag: string): Case => ({
  ...wellFormed(route),
  what: `If-Match ${tag.slice(0, 60)}`,
  headers: { ...(commands(route) && json), 'if-match': tag },
  status: 400,
  field: 'If-Match',
});

const queryOf = (route: Route): Parameter[] => parametersOf(document, route.operation, 'query');

const queryCase = (route: Route, field: string, query: string): Case => ({
  ...wellFormed(route),
  what: query.slice(0, 60),
  path: `${filled(route.path)}?${query}`,
  status: 400,
  field,
});

/** Wrong for what the document says of the parameter, and wrong for what only its name tells. */
function wrongValues({ name, schema }: Parameter): string[] {
  const { type, format, enum: choices = schema.items?.enum, maxLength, maximum } = schema;
  const amounts = ['abc', '1%2C5', '1e', '1e200000', '1e-200000', `1${'0'.repeat(80)}`];
  const byName: Record<string, string[]> = {
    transaction_id: ['x', '019c96a0', "'%20OR%201=1"],
    exception_id: ['x', '019c96a0', "'%20OR%201=1"],
    preview: ['1', 'yes', 'TRUE', 'null'],
    currency: ['brl', 'BR', 'BRLX'],
    amount_min: amounts,
    amount_max: amounts,
    cursor: ['x', 'AAAA', 'a'.repeat(1025), '%2B', 'bm9wZW5vcGVub3Blbm9wZW5vcGVub3Blbm9wZQ', '..%2F'],
    q: [Array.from('abcdefghijk').join('%20')],
  };
  return [
    '%00',
    'a%00b',
    ...(name === 'cursor' || 'default' in schema ? [] : ['']),
    ...(choices ? ['NONSENSE', 'open', 'OPEN;', '__proto__'] : []),
    ...(type === 'integer'
      ? ['0', '-1', '1.5', '1e2', 'abc', '%20', '0x10', String((maximum ?? 0) + 1), '9'.repeat(30)]
      : []),
    ...(format === 'date-time' ? spelledWrong['date-time']!.filter((text) => text !== '2025-01-15') : []),
    ...(maxLength === undefined ? [] : ['x'.repeat(maxLength + 1)]),
    ...(type === 'array' ? [',', Array(101).fill('OPEN').join(','), 'x'.repeat(256)] : []),
    ...(byName[name] ?? []),
  ];
}

/** Sends a bad request, and says all that is wrong with how it was met. */
async function complaints(bad: Case, accept: string): Promise<string[]> {
  const { route, path, headers = {}, payload, status, field, says = /./ } = bad;
  const keyed = takesKey(route) && !Object.keys(headers).some((name) => name.includes('idempotency'));
  const answer = await service.app.inject({
    method: route.method,
    url: path,
    headers: {
      authorization: `Bearer ${person.token}`,
      accept,
      ...(keyed && { 'x-idempotency-key': newId() }),
      ...headers,
    },
    ...(payload !== undefined && { payload }),
  });
  const text = answer.payload;
  const problemWanted = accept.includes('problem');
  const said: string[] = [];
  const type = String(answer.headers['content-type']);
  if (answer.statusCode < 400 || answer.statusCode > 499)
    said.push(`answered ${answer.statusCode}: ${text.slice(0, 300)}`);
  else if (status !== undefined && answer.statusCode !== status)
    said.push(`answered ${answer.statusCode}, not ${status}: ${text.slice(0, 300)}`);
  if (!type.startsWith(problemWanted ? 'application/problem+json' : 'application/json'))
    said.push(`sent ${type}`);
  else said.push(...bodyComplaints(JSON.parse(text), answer.statusCode, problemWanted, field));
  if (!says.test(text)) said.push(`said ${text}`);
  if (internals.test(text.replaceAll('"undefined"', '')))
    said.push(`gave away ${internals.exec(text)?.[0]}: ${text}`);
  if (text.length > 5000) said.push(`answered at length: ${text.length}`);
  if (keyed && answer.headers['x-idempotency-replayed'] !== 'false')
    said.push(`said of the key ${String(answer.headers['x-idempotency-replayed'])}`);
  return said.map((problem) => `${route.name}, ${bad.what}: ${problem}`);
}

function bodyComplaints(body: Answer['body'], status: number, asProblem: boolean, field?: string): string[] {
  const fields = Object.keys(body.details?.fields ?? {});
  const isBlamed = fields.some(
    (name) => name === field || new RegExp(`^${escaped(field ?? '')}[ .[]`).test(name),
  );
  return [
    ...(asProblem ? checkProblem : checkError)(body),
    ...((asProblem ? body.status : Number(body.code)) === status
      ? []
      : [`told another status than ${status}`]),
    ...(field === undefined || isBlamed ? [] : [`blamed ${JSON.stringify(fields)}, not ${field}`]),
    ...(field === undefined || fields.length === 1
      ? []
      : [`blamed ${fields.length} fields: ${fields.join()}`]),
  ];
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

const routes = (): Route[] => apiRoutes(document);

describe('whatever the route', () => {
  it.each(Object.entries(mistakes))(
    'is refused and changes nothing: %s',
    async (what, mistake) => {
      const before = await database.look();
      const said: string[] = [];
      const reason = reasons[what];
      const cases = routes()
        .flatMap(mistake)
        .map((bad) => ({ ...(reason && { says: reason }), ...bad }));
      expect(cases.length).toBeGreaterThan(0);
      for (const bad of cases) {
        for (const accept of ['application/json', 'application/problem+json'])
          said.push(...(await complaints(bad, accept)));
        const after = await database.look();
        if (JSON.stringify(after) === JSON.stringify(before)) continue;
        said.push(`${bad.route.name}, ${bad.what}: changed the database`);
        Object.assign(before, after);
      }
      expect(said.slice(0, 20)).toEqual([]);
    },
    120_000,
  );

  it('takes null and "" in an optional member for a member that is left out', async () => {
    const wrong: string[] = [];
    let count = 0;
    for (const route of routes().filter(takesKey)) {
      const body = bodyOfRoute(route);
      if (!body) continue;
      const answered = async (members: object) => {
        const path = `${filled(route.path)}?preview=true`;
        const { status, body: said } = await person.send(route.method, path, { body: members });
        return JSON.stringify([status, said?.title, said?.details]);
      };
      for (const [name] of membersOf(document, body)) {
        if (body.required?.includes(name)) continue;
        const { [name]: _left, ...without } = goodBody(route);
        const expected = await answered(without);
        for (const empty of [null, '']) {
          count++;
          const got = await answered({ ...without, [name]: empty });
          if (got !== expected) wrong.push(`${route.name}, ${name}: ${got}, not ${expected}`);
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(count).toBeGreaterThan(60);
  });

  it('that is hundreds of requests', () => {
    const counts = Object.values(mistakes).map((mistake) => routes().flatMap(mistake).length);
    const total = counts.reduce((sum, count) => sum + count, 0);

    expect(total).toBeGreaterThanOrEqual(1000);
  });

  it('is accepted when nothing is wrong, so what is refused above is refused for what is wrong with it', async () => {
    // What is deleted cannot be asked for any more.
    const last = ({ method }: Route) => Number(method === 'DELETE');
    for (const route of [...routes()].sort((a, b) => last(a) - last(b))) {
      if (route.operation.requestBody && !commands(route)) continue;
      const { path, payload, headers } = wellFormed(route);
      const key = takesKey(route) && { 'x-idempotency-key': newId() };
      const answer = await person.send(route.method, path, {
        headers: { ...(headers as Record<string, string>), ...key },
        ...(payload !== undefined && { raw: payload }),
      });
      // What the rules say is another matter: a 422 means that the request was understood.
      expect([route.name, [200, 201, 202, 204, 422].includes(answer.status)]).toEqual([route.name, true]);
      expect(answer.body?.details?.fields).toBeUndefined();
    }
  });

  it('a malformed request leaves its idempotency key usable', async () => {
    for (const route of routes().filter(takesKey)) {
      const other = service.person();
      const exception = await other.raise();
      const { body: dispute } = await other.post(`/v1/exceptions/${exception.id}/disputes`, {
        category: 'OTHER',
        description: 'Wrong.',
      });
      const { body: comment } = await other.post(`/v1/exceptions/${exception.id}/comments`, {
        content: 'Seen.',
      });
      await connectToJira(other);
      const path = filled(route.path, {
        ...{ exceptionId: exception.id, disputeId: dispute.id, commentId: comment.id },
        ...(await receiveEvents(other)),
        dispatchId: (await aDeadDispatch(service, other)).dispatchId,
        ...(route.path.includes('{adjustmentId}') && (await anAdjustment(other))),
      });
      const headers = { 'X-Idempotency-Key': newId() };
      const send = (body: object) => other.send(route.method, path, { headers, body });
      const bad = await send({ ...goodBody(route), surprise: 1 });
      expect([route.name, bad.status]).toEqual([route.name, 400]);
      const good = await send(goodBody(route));
      expect([route.name, [200, 201, 204, 422].includes(good.status)]).toEqual([route.name, true]);
      expect(good.body?.title).not.toBe('idempotency_key_reused');
      expect(good.headers['x-idempotency-replayed']).toBe('false');
      const again = await send(goodBody(route));
      expect(again.headers['x-idempotency-replayed']).toBe('true');
    }
  }, 30_000);
});

describe('the furthest a value may go', () => {
  const list = '/v1/exceptions';

  const furthest = [
    'date_to=9999-12-31',
    'date_to=9999-12-31T23:59:59.999Z',
    'due_to=9999-12-31',
    'date_from=0001-01-01',
    'date_from=9999-12-31T23:59:59.999Z',
    `amount_min=${'9'.repeat(20)}`,
    `amount_max=-${'9'.repeat(20)}`,
    'amount_min=0.0000000001',
    'amount_max=1e20',
    'limit=200',
    `q=${'x'.repeat(255)}`,
    `q=${encodeURIComponent('\\%_ \\')}`,
    `reason=${'x'.repeat(255)}`,
    `status=${Array(100).fill('OPEN').join()}`,
  ];

  it.each(furthest.map((query) => [query.slice(0, 60), query]))(
    'is no mistake in the list: %s',
    async (_, query) => {
      const { status, text } = await person.get(`${list}?${query}`);
      expect([status, text]).toEqual([200, expect.stringContaining('"items":[')]);
    },
  );

  it('is no mistake in a report', async () => {
    const { status, body } = await person.post(list, {
      transactionId: 'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
      reason: '\u{1f600}'.repeat(255),
      amount: `-${'9'.repeat(20)}.99`,
      currency: 'BRL',
      occurredAt: '0001-01-01T00:00:00Z',
      dueAt: '9999-12-31T23:59:59.999Z',
      source: 'x'.repeat(255),
      differences: Array.from({ length: 50 }, () => ({
        field: 'f'.repeat(255),
        expected: 'e'.repeat(1000),
        actual: '',
      })),
      metadata: Object.fromEntries(
        Array.from({ length: 50 }, (_, i) => [`${i}`.padEnd(64, 'k'), 'v'.repeat(1000)]),
      ),
    });
    expect(status).toBe(201);
    expect((await person.get(`${list}/${body.id}`)).body).toMatchObject(body);
    expect((await person.get(`${list}?sort_by=amount`)).status).toBe(200);
    expect((await person.get(`${list}?sort_by=due_at`)).status).toBe(200);
  });

  it('is no mistake in the body: 32 levels, and 1 MB', async () => {
    const deep = `{"surprise":${'['.repeat(31)}${']'.repeat(31)}}`;
    const { status, body } = await person.send('POST', list, { headers: json, raw: deep });
    expect(status).toBe(400);
    expect(Object.keys(body.details.fields)).toContain('surprise');

    const frame = JSON.stringify({ transactionId: newId(), reason: 'Large' });
    const padded = frame.slice(0, -1) + ' '.repeat(1_048_576 - frame.length) + '}';
    expect((await person.send('POST', list, { headers: json, raw: padded })).status).toBe(201);
  });
});

describe('a file of bad lines', () => {
  const importing = (type: string, raw: string | Buffer) =>
    person.send('POST', '/v1/exceptions/import', { headers: { 'content-type': type }, raw });

  it('is answered line by line, and changes nothing', async () => {
    const before = await database.look();
    const good = { transactionId: newId(), reason: 'Amount mismatch detected' };
    const lines = [
      'null',
      '[]',
      '42',
      '{',
      '{}',
      '{"__proto__":{"reason":"x"}}',
      '{"constructor":1}',
      JSON.stringify({ ...good, surprise: 1 }),
      JSON.stringify({ ...good, reason: '' }),
      JSON.stringify({ ...good, reason: 'x'.repeat(256) }),
      JSON.stringify({ ...good, reason: null }),
      JSON.stringify({ ...good, reason: 'a\u0000b' }),
      JSON.stringify({ ...good, transactionId: 'x' }),
      JSON.stringify({ ...good, amount: '1' }),
      JSON.stringify({ ...good, amount: '1.555', currency: 'BRL' }),
      JSON.stringify({ ...good, amount: '1e999999', currency: 'BRL' }),
      JSON.stringify({ ...good, severity: 'WORST' }),
      JSON.stringify({ ...good, occurredAt: 'yesterday' }),
      JSON.stringify({ ...good, metadata: { key: 1 } }),
      JSON.stringify({ ...good, differences: [{ field: 'f', other: 'x' }] }),
      `${JSON.stringify(good).slice(0, -1)},"reason":"again"}`,
      `{"a":${'['.repeat(40)}${']'.repeat(40)}}`,
      '{"reason":"\\ud83d"}',
    ];
    const { status, body, text } = await importing('application/x-ndjson', lines.join('\n'));
    expect(status).toBe(200);
    expect(body).toMatchObject({ received: lines.length, rejected: lines.length, raised: 0, seenAgain: 0 });
    expect(body.rejectedLines.map(({ line }: { line: number }) => line)).toEqual(lines.map((_, i) => i + 1));
    expect(text).not.toMatch(internals);
    expect(await database.look()).toEqual(before);
  });

  it.each(['a,b\n1,2', '__proto__\nx', 'transactionId,reason,surprise\nx,y,z', 'metadata.\nx'])(
    'is refused whole where its header is wrong: %j',
    async (csv) => {
      const before = await database.look();
      const { status, body, text } = await importing('text/csv', csv);
      expect([status, checkError(body)]).toEqual([400, []]);
      expect(Object.keys(body.details.fields).length).toBeGreaterThan(0);
      expect(text).not.toMatch(internals);
      expect(await database.look()).toEqual(before);
    },
  );

  it.each(['text/csv; charset=utf-8', 'Text/CSV', 'TEXT/CSV;header=present'])(
    'is read as CSV when it comes as %s',
    async (type) => {
      const { status, body } = await importing(type, `transactionId,reason\n${newId()},Missing\nx,Missing\n`);
      expect(status).toBe(200);
      expect(body).toMatchObject({ received: 2, raised: 1, rejected: 1 });
    },
  );
});
