import { createHash } from 'node:crypto';

/** As much of a JSON schema in the OpenAPI document as bodies are made from. */
export type Schema = Readonly<{
  $ref?: string;
  allOf?: readonly Schema[];
  type?: string;
  required?: readonly string[];
  properties?: Readonly<Record<string, Schema>>;
  example?: unknown;
}>;
export type Schemas = Readonly<Record<string, Schema>>;

export type HostileBody = Readonly<{ kind: string; bytes: Buffer }>;

/** Just below the limit on bodies, 1 MiB. */
const size = 1_000_000;

/** The piece again and again, with a number in it, up to the size that a body has left. */
function repeated(piece: (n: number) => string, joint = '', most = size - 2000): string {
  const pieces: string[] = [];
  for (let n = 0, length = 0; ; n++) {
    const next = piece(n);
    length += next.length + joint.length;
    if (length > most) return pieces.join(joint);
    pieces.push(next);
  }
}

const items = (piece: (n: number) => string, most?: number) => `[${repeated(piece, ',', most)}]`;
const members = (piece: (n: number) => string, most?: number) => `{${repeated(piece, ',', most)}}`;
const text = (piece: string, most?: number) => `"${repeated(() => piece, '', most)}"`;
/** So many pieces that together have the size of a body. */
const count = (n: number, piece: (i: number, filler: string) => string) =>
  Array.from({ length: n }, (_, i) => piece(i, 'x'.repeat(Math.max(1, Math.floor(size / n) - 60)))).join();
const uuidOf = (n: number) =>
  createHash('sha256')
    .update(String(n))
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');

/** Values for a field of any type: long in every way. */
const scalars: Readonly<Record<string, () => string>> = {
  'a long text': () => text('x'),
  'a text of two-byte letters': () => text('é', size / 2 - 2000),
  'a text of \\u0041': () => text('\\u0041'),
  'a text of surrogate escapes': () => text('\\ud83d\\ude00'),
  'a text of \\n': () => text('\\n'),
  'a text of blanks': () => text(' '),
  'a text of digits': () => text('7'),
  'a text of a,a,a': () => text('a,'),
  'a text of quotes': () => text('\\"'),
  'a long number': () => repeated(() => '7'),
  'a long fraction': () => `0.${repeated(() => '7')}`,
  'a long exponent': () => `1e${repeated(() => '7')}`,
  'members up to the limit': () => `{${count(3999, (i, x) => `"k${i}":"${x}"`)}}`,
  'items up to the limit': () => `[${count(9999, (i, x) => `"${x}${i}"`)}]`,
};

/** Values for a field that takes objects or arrays: beyond the limits of the reader, or just within them. */
const containers: Readonly<Record<string, () => string>> = {
  'many members': () => members((n) => `"k${n}":1`),
  'members within a member': () => `{"a":${members((n) => `"k${n}":"v"`, size - 3000)}}`,
  'long member names': () => `{${count(1001, (i, x) => `"${x}${i}":1`)}}`,
  'names that are numbers': () => members((n) => `"${(n * 7919) % 4_294_967_291}":1`),
  'a filter of a,a,a': () => `{"reason":${text('a,')}}`,
  'a filter of many values': () => `{"reason":[${count(9999, (i, x) => `"${x}${i}"`)}]}`,
  'many items': () => items(() => '""'),
  'a thousand long items': () => `[${count(1000, (i, x) => `"${x}${i}"`)}]`,
  'many ids': () => items((n) => `"${uuidOf(n)}"`),
  'the same id': () => items(() => `"${uuidOf(0)}"`),
  'many small arrays': () => items(() => '[]'),
  'many small objects': () => items(() => '{}'),
  'counterparts up to the limit': () =>
    `[${count(3999, (i, x) => `{"source":"${x}","transactionId":"${uuidOf(i)}","amount":${'9'.repeat(64)},"currency":"EUR"}`)}]`,
  'differences up to the limit': () =>
    `[${count(4999, (i, x) => `{"field":"f${i}","left":"${x}","right":"${'1'.repeat(64)}"}`)}]`,
  'objects within each other': () => `[${count(600, (i) => `${'{"a":'.repeat(30)}${i}${'}'.repeat(30)}`)}]`,
  'objects up to the limit': () =>
    `[${count(3333, (i, x) => `{"code":"c${i}","label":"${x}","field":"f","command":"resolve","approvers":1}`)}]`,
};

/** Bodies that are the same whatever the route takes. */
const wholes: Readonly<Record<string, () => string | Buffer>> = {
  'unknown members': () => members((n) => `"unknown${n}":1`),
  'unknown members up to the limit': () => `{${count(3999, (i, x) => `"u${i}":"${x}"`)}}`,
  'deep arrays': () => repeated(() => '['),
  'deep objects': () => repeated(() => '{"a":'),
  'an array': () => items(() => '1'),
  'white space': () => `${repeated(() => ' ')}{}`,
  'line breaks before a fault': () => `${repeated(() => '\n')}!`,
  'a member twice, the second time late': () => `{${count(3998, (i, x) => `"d${i}":"${x}"`)},"d0":1}`,
  'U+0000 at the end': () => `{"a":"${repeated(() => 'x')}\u0000"}`,
  'invalid UTF-8 at the end': () =>
    Buffer.concat([Buffer.from(`{"a":"${repeated(() => 'x')}`), Buffer.from([0xff])]),
  'no end': () => `{"a":"${repeated(() => 'x')}`,
};

/** Each is made once: some are put together of a million pieces. */
const made = new Map<() => string, string>();
function once(make: () => string): string {
  let value = made.get(make);
  if (value === undefined) made.set(make, (value = make()));
  return value;
}

/** Every hostile body for a route that takes this schema. */
export function* hostileBodies(schema: Schema, schemas: Schemas): Generator<HostileBody> {
  for (const [kind, make] of Object.entries(wholes)) yield { kind, bytes: Buffer.from(make()) };
  const { properties = {}, required = [] } = whole(schema, schemas);
  for (const name of Object.keys(properties)) {
    const others = required
      .filter((other) => other !== name)
      .map((other) => `,${JSON.stringify(other)}:${JSON.stringify(exampleOf(properties[other]))}`);
    const isContainer = ['object', 'array'].includes(properties[name]?.type ?? 'object');
    for (const [kind, make] of Object.entries({ ...scalars, ...(isContainer && containers) })) {
      const bytes = Buffer.from(`{${JSON.stringify(name)}:${once(make)}${others.join('')}}`);
      yield { kind: `${kind} in ${name}`, bytes };
    }
  }
}

const exampleOf = (schema: Schema | undefined): unknown => schema?.example ?? 'x';

/** A schema with what it refers to and what it is made of. */
function whole(schema: Schema, schemas: Schemas): Schema {
  const { $ref, allOf = [], ...own } = schema;
  const parts = [...allOf, ...($ref === undefined ? [] : [schemas[$ref.split('/').pop() ?? ''] ?? {}])];
  return parts
    .map((part) => whole(part, schemas))
    .reduce<Schema>(
      (all, part) => ({
        required: [...(all.required ?? []), ...(part.required ?? [])],
        properties: { ...all.properties, ...part.properties },
      }),
      own,
    );
}
