import {
  bodyOf,
  deref,
  membersOf,
  parametersOf,
  type ApiDocument,
  type Route,
  type Schema,
} from './api-document';
import type { Randomness } from './seed';

/* Requests made up from a description of the API: mostly as it says, and now and then slightly wrong. */

/** What a value may be taken from instead of being made up. */
export type Pool = Readonly<{
  /** Ids for each parameter of a path: those that are there, and all others. */
  ids: Readonly<Record<string, readonly string[]>>;
  strangeIds: readonly string[];
  /** Tokens by how likely they are: the first one has every permission. */
  tokens: readonly (string | undefined)[];
  /** Of some members values that lead somewhere. */
  members: Readonly<Record<string, readonly unknown[]>>;
}>;

export type Generated = Readonly<{
  route: Route;
  url: string;
  headers: Readonly<Record<string, string>>;
  payload?: string;
}>;

type Shape = Schema & Readonly<{ minimum?: number; minItems?: number; pattern?: string }>;

export const randomUuid = (random: Randomness): string => {
  const hex = Array.from({ length: 32 }, () => random.below(16).toString(16)).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
};

const wrongIds = ['abc', '0', '%00', '%2e%2e%2fx', 'é', '9'.repeat(300), '019b7c00-0000-7000-8000', 'null'];
const words = [
  'fee',
  'É',
  '日本',
  '👩‍👩‍👧',
  "O'Hara",
  '"x"',
  '=1+1',
  '<b>',
  '%',
  '\\',
  'a,b',
  'NULL',
  '\t',
  '\u202e',
  '0',
];
const wrongTexts = ['', ' ', '\u0000', '\ud800', '\n', 'x'.repeat(20_001), '__proto__'];
const wrongValues: readonly unknown[] = [
  ...wrongTexts,
  ...[null, 0, -1, 1.5, 1e21, true, false, [], {}, [null], [[]], { toString: 1 }, '1e999', 'NaN'],
];
const times = [
  '2026-01-02T03:04:05Z',
  '2026-01-02T03:04:05.678Z',
  '1999-12-31T23:59:60Z',
  '2024-02-29T00:00:00+14:00',
  '0001-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999999999Z',
];
const numbers = [1, 150.5, 0.01, 1e6, 12345678901234, 0, -3, 0.001, 1e-7];
const decimals = ['1', '150.50', '0.01', '-12.5', '1e3', '99999999999999999999', '0.123456789'];
const currencies = ['BRL', 'EUR', 'JPY', 'BHD', 'CLF', 'XXX', 'ABC'];

function text(random: Randomness, { minLength = 0, maxLength = 40 }: Shape): string {
  const chance = random.next();
  if (chance < 0.04) return 'y'.repeat(maxLength);
  if (chance < 0.06) return 'z'.repeat(maxLength + 1);
  const made = Array.from({ length: 1 + random.below(4) }, () => random.pick(words)).join(' ');
  return made.slice(0, maxLength).padEnd(minLength, 'x');
}

/** A value that a schema describes; of a few the service may still say that they mean nothing. */
function valueOf(document: ApiDocument, given: Schema, random: Randomness, pool: Pool, name = ''): unknown {
  const schema: Shape = deref(document, given);
  const known = pool.members[name];
  if (known && random.next() < 0.7) return random.pick(known);
  if (schema.example !== undefined && random.next() < 0.4) return schema.example;
  if (schema.enum) return random.pick(schema.enum);
  if (schema.oneOf) return valueOf(document, random.pick(schema.oneOf), random, pool);
  switch (schema.type) {
    case 'boolean':
      return random.next() < 0.5;
    case 'integer':
      return random.pick([schema.minimum ?? 0, schema.maximum ?? 100, 7]);
    case 'number':
      return random.pick(numbers);
    case 'array': {
      const length = (schema.minItems ?? 0) + random.below(4);
      return Array.from({ length }, () => valueOf(document, schema.items ?? {}, random, pool, name));
    }
    case 'object':
      return objectOf(document, schema, random, pool);
    default:
      if (schema.format === 'uuid') return uuid(random, pool);
      if (schema.format === 'date-time') return random.pick(times);
      if (schema.pattern?.includes('A-Z')) return random.pick(currencies);
      return schema.pattern === undefined ? text(random, schema) : random.pick(decimals);
  }
}

const uuid = (random: Randomness, { ids, strangeIds }: Pool): string =>
  random.pick([random.pick(ids['exceptionId']!), random.pick(strangeIds), randomUuid(random)]);

function objectOf(
  document: ApiDocument,
  schema: Shape,
  random: Randomness,
  pool: Pool,
): Record<string, unknown> {
  const members = membersOf(document, schema)
    .filter(([name]) => schema.required?.includes(name) || random.next() < 0.35)
    .map(([name, member]) => [name, valueOf(document, member, random, pool, name)] as const);
  const more = schema.additionalProperties;
  const open = typeof more === 'object' ? Array.from({ length: random.below(4) }, () => more) : [];
  return Object.fromEntries([
    ...members,
    ...open.map((shape) => [
      random.pick(words),
      shape.type === undefined ? random.pick(words) : valueOf(document, shape, random, pool),
    ]),
  ]) as Record<string, unknown>;
}

/** The same with one thing wrong. */
function spoilt(body: Record<string, unknown>, random: Randomness): unknown {
  const names = Object.keys(body);
  const name = names.length ? random.pick(names) : 'x';
  const { [name]: _left, ...others } = body;
  return random.pick<() => unknown>([
    () => others,
    () => ({ ...body, [name]: random.pick(wrongValues) }),
    () => ({ ...body, [name]: random.pick(wrongValues) }),
    () => ({ ...body, [name]: [body[name]] }),
    () => ({ ...body, [random.pick(['unknown', 'constructor', 'id', 'tenantId'])]: 1 }),
    () => random.pick(wrongValues),
  ])();
}

const notJson = [
  '',
  '{',
  '{"a":1,"a":2}',
  '{"__proto__":{}}',
  '[1',
  'nul',
  '{"a":NaN}',
  '\ufeff{}',
  '"\\ud800"',
];

function payloadOf(
  document: ApiDocument,
  route: Route,
  random: Randomness,
  pool: Pool,
): { payload?: string; type?: string } {
  const types = Object.keys(route.operation.requestBody?.content ?? {});
  if (!types.length) return {};
  const schema = bodyOf(document, route.operation);
  const type =
    random.next() < 0.97 ? random.pick(types) : random.pick(['text/plain', 'application/xml', 'x']);
  if (!schema) return { type, payload: fileOf(document, type, random, pool) };
  const chance = random.next();
  if (chance < 0.02) return {};
  if (chance < 0.05) return { type, payload: random.pick(notJson) };
  const body = objectOf(document, schema, random, pool);
  return { type, payload: JSON.stringify(random.next() < 0.25 ? spoilt(body, random) : body) };
}

/** Some lines of what a file consists of, good ones and others. */
function fileOf(document: ApiDocument, type: string, random: Randomness, pool: Pool): string {
  const { RaiseRequest } = document.components.schemas;
  const lines = Array.from({ length: random.below(5) }, () =>
    random.next() < 0.8 ? objectOf(document, RaiseRequest!, random, pool) : random.pick(wrongValues),
  );
  if (type !== 'text/csv') return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  const header = random.pick([
    'transactionId,reason',
    'id,version,assignee,resolution,reason',
    'transactionId,reason,reason',
    '',
  ]);
  const cell = () =>
    random.pick(['', '1', '"a"', '"', '=x', uuid(random, pool), 'ACCEPTED', 'bo@example.com']);
  const rows = lines.map(() => header.split(',').map(cell).join());
  return [header, ...rows].join(random.pick(['\n', '\r\n']));
}

function queryOf(document: ApiDocument, route: Route, random: Randomness, pool: Pool): string {
  const parameters = parametersOf(document, route.operation, 'query');
  const given: [string, string][] = [];
  for (const { name, schema } of parameters) {
    if (random.next() > 1.5 / parameters.length) continue;
    const values = [valueOf(document, schema, random, pool, name)].flat();
    if (random.next() < 0.12)
      values.push(random.pick(['', 'x', '-1', '201', '2026-13-01', '\u0000', 'a,,b', '[]']));
    for (const value of values) given.push([name, String(value)]);
  }
  if (random.next() < 0.04) given.push([random.pick(['unknown', 'limit[]', '__proto__', '']), '1']);
  // A lone surrogate is no text that could be sent.
  const query = given
    .map(([n, v]) => `${encodeURIComponent(n)}=${encodeURIComponent(v.replace(/\p{Surrogate}/gu, '?'))}`)
    .join('&');
  return query && `?${query}`;
}

const accepted = [
  'application/json',
  '*/*',
  'application/problem+json',
  'text/csv',
  'application/x-ndjson',
  'x',
];

function headersOf(random: Randomness, { tokens }: Pool): Record<string, string> {
  const token = random.next() < 0.93 ? tokens[0] : random.pick(tokens);
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const perhaps = (share: number, name: string, value: () => string) => {
    if (random.next() < share) headers[name] = value();
  };
  perhaps(0.3, 'accept', () => random.pick(accepted));
  perhaps(0.2, 'x-request-id', () => random.pick(['r-1', '', 'a b', 'x'.repeat(500)]));
  perhaps(0.5, 'x-idempotency-key', () =>
    random.next() < 0.9
      ? `key-${random.below(5) === 0 ? random.below(20) : randomUuid(random)}`
      : random.pick(['', '"', 'a b', 'k'.repeat(129)]),
  );
  perhaps(0.12, 'if-match', () => random.pick(['"1"', '"2"', '*', 'W/"1"', '1', '"x"', '']));
  return headers;
}

export function generate(
  document: ApiDocument,
  routes: readonly Route[],
  random: Randomness,
  pool: Pool,
): Generated {
  const route = random.pick(routes);
  const id = (name: string): string => {
    const chance = random.next();
    const real = random.pick(pool.ids[name]!);
    if (chance < 0.8) return real;
    if (chance < 0.85) return real.toUpperCase();
    if (chance < 0.9) return random.pick(pool.strangeIds);
    return chance < 0.95 ? randomUuid(random) : random.pick(wrongIds);
  };
  // A comment is there only under its own exception.
  const pair = random.pick(pool.ids['commentId']!);
  const together = route.path.includes('{commentId}') && random.next() < 0.8;
  const path = together
    ? route.path.replace('{exceptionId}/comments/{commentId}', pair)
    : route.path.replace(/\{(\w+)\}/g, (_whole, name: string) => id(name).split('/').at(-1)!);
  const { payload, type } = payloadOf(document, route, random, pool);
  return {
    route,
    url: path.replaceAll('é', '%C3%A9') + queryOf(document, route, random, pool),
    headers: { ...headersOf(random, pool), ...(type !== undefined && { 'content-type': type }) },
    ...(payload !== undefined && { payload }),
  };
}
