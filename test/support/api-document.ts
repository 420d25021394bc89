import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';

/** As much of an OpenAPI 3.1 document as tests look at. */
export type Schema = Readonly<{
  $ref?: string;
  type?: string;
  format?: string;
  enum?: readonly string[];
  oneOf?: readonly Schema[];
  allOf?: readonly Schema[];
  required?: readonly string[];
  properties?: Readonly<Record<string, Schema>>;
  additionalProperties?: Schema | boolean;
  items?: Schema;
  minLength?: number;
  maxLength?: number;
  maxItems?: number;
  maxProperties?: number;
  maximum?: number;
  deprecated?: boolean;
  example?: unknown;
}>;
export type Parameter = Readonly<{
  $ref?: string;
  name: string;
  in: string;
  required?: boolean;
  schema: Schema;
}>;
type Content = Readonly<Record<string, { schema: Schema }>>;
export type Response = Readonly<{ content?: Content; headers?: Readonly<Record<string, unknown>> }>;
export type Operation = Readonly<{
  operationId: string;
  description?: string;
  security?: readonly Readonly<Record<string, readonly string[]>>[];
  parameters?: readonly Parameter[];
  requestBody?: Readonly<{ required?: boolean; content: Content }>;
  responses: Readonly<Record<string, Response>>;
}>;
export type ApiDocument = Readonly<{
  openapi: string;
  info: Readonly<{ title: string; version: string }>;
  paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  components: Readonly<{
    schemas: Readonly<Record<string, Schema>>;
    securitySchemes: Readonly<Record<string, unknown>>;
  }>;
}>;

/** One method at one path. */
export type Route = Readonly<{
  name: string;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  operation: Operation;
  /** The scope that its description names. */
  scope: string | undefined;
}>;

/** The routes of the API itself; health, metrics and what others sign beside it are for machines and need no token. */
export const apiRoutes = (document: ApiDocument): Route[] =>
  routesOf(document).filter(({ path }) => path.startsWith('/v1/') && !path.startsWith('/v1/inbound/'));

export const routesOf = ({ paths }: ApiDocument): Route[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([lower, operation]) => {
      const method = lower.toUpperCase() as Route['method'];
      const scope = /Needs the scope `([^`]+)`/.exec(operation.description ?? '')?.[1];
      return { name: `${method} ${path}`, method, path, operation, scope };
    }),
  );

/** What a `$ref` leads to; anything else is itself. */
export function deref<T>(document: ApiDocument, value: T): T {
  const { $ref } = value as { $ref?: string };
  if ($ref === undefined) return value;
  const found = at(document, $ref);
  if (found === undefined) throw new Error(`${$ref} leads nowhere`);
  return found as T;
}

export function at(document: unknown, ref: string): unknown {
  const steps = ref.slice('#/'.length).split('/');
  return steps.reduce<unknown>(
    (value, step) =>
      (value as Record<string, unknown> | undefined)?.[step.replaceAll('~1', '/').replaceAll('~0', '~')],
    document,
  );
}

export const parametersOf = (
  document: ApiDocument,
  { parameters = [] }: Operation,
  place: string,
): Parameter[] => parameters.map((parameter) => deref(document, parameter)).filter((p) => p.in === place);

/** The schema of a JSON body, if the route takes one. */
export function bodyOf(document: ApiDocument, { requestBody }: Operation): Schema | undefined {
  const schema = requestBody?.content['application/json']?.schema;
  return schema && deref(document, schema);
}

/** What says that it is all of several is one schema with the members of them all. */
export function whole(document: ApiDocument, schema: Schema): Schema {
  const { allOf, ...own } = deref(document, schema);
  return (allOf ?? [])
    .map((part) => whole(document, part))
    .reduceRight(
      (all, part) => ({ ...part, ...all, properties: { ...part.properties, ...all.properties } }),
      own,
    );
}

export const membersOf = (document: ApiDocument, schema: Schema): [string, Schema][] =>
  Object.entries(schema.properties ?? {}).map(([name, member]) => [name, deref(document, member)]);

/** Of each member the value the document gives as its example, and of some others that `made` makes up. */
export const exampleOf = (
  document: ApiDocument,
  schema: Schema,
  made: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> =>
  Object.fromEntries(
    membersOf(document, schema)
      .map(([name, { example }]) => [name, made[name] ?? example] as const)
      .filter(([, value]) => value !== undefined),
  );

/** Says what is wrong with a value, as a list of sentences; empty when nothing is. */
export type Check = (value: unknown) => string[];

/** Checks against the schemas of a document. */
export function checksOf(document: ApiDocument): (schema: Schema) => Check {
  const ajv = anAjv();
  ajv.addSchema(document, 'document');
  const pointed = (schema: unknown): unknown =>
    JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/', '"$ref":"document#/'));
  return (schema) => checkWith(ajv.compile(pointed(schema) as object));
}

function anAjv(): Ajv2020 {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats(ajv);
  return ajv;
}

const checkWith =
  (validate: ValidateFunction): Check =>
  (value) =>
    validate(value)
      ? []
      : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);

const sentence = { type: 'string', minLength: 10, pattern: '\\.$' };
const title = { type: 'string', pattern: '^[a-z]+(_[a-z]+)*$' };

/** The error body of the contract, as strictly as this service keeps it. */
export const checkError: Check = checkWith(
  anAjv().compile({
    type: 'object',
    required: ['code', 'title', 'message', 'error'],
    additionalProperties: false,
    properties: {
      code: { type: 'string', pattern: '^[45][0-9]{2}$' },
      title,
      message: sentence,
      error: sentence,
      details: { type: 'object' },
    },
  }),
);

/** The same as RFC 9457 has it. */
export const checkProblem: Check = checkWith(
  anAjv().compile({
    type: 'object',
    required: ['type', 'title', 'status', 'detail'],
    additionalProperties: false,
    properties: {
      type: { type: 'string', format: 'uri', pattern: '^urn:redress:problem:[a-z_]+$' },
      title,
      status: { type: 'integer', minimum: 400, maximum: 599 },
      detail: sentence,
      details: { type: 'object' },
    },
  }),
);

/** What no answer may give away: stacks, SQL, files, names of what runs inside. */
export const internals =
  /\bat \S+ \(|\.(ts|js|mjs):\d+|node_modules|\/(home|usr|root|work|tmp|var)\/|apps\/api|\b(SELECT|INSERT|UPDATE|DELETE) |relation "|postgres|typeorm|fastify|\bnest(js)?\b|Error:|\bpg_|undefined|\[object/i;
