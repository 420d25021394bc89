import { limits, validateText } from '@redress/domain';
import { isConnectionUrl } from '../egress/connection-url';
import { isWebhookSecret } from './standard-webhooks';

/** What is wrong with a value, as the rest of a sentence that the name of the field begins. */
export type FieldProblem = string | undefined;

/** One member of what a connection is put with: how it is checked, and how the API document describes it. */
export type ConnectionField = Readonly<{
  /** What is wrong with a value; undefined where it can be taken. */
  problem: (value: unknown) => FieldProblem;
  optional?: boolean;
  /** Encrypted, and never shown again. All others are settings, which can be read. */
  secret?: boolean;
  description?: string;
  example?: unknown;
  /** The rest of its JSON Schema, as OpenAPI 3.0 has it. */
  schema: Readonly<Record<string, unknown>>;
}>;

type Said = Readonly<{ description?: string; example?: unknown }>;

const maxUrl = 2048;
const maxSecret = 4096;
const maxEntries = 100;

function textProblem(value: unknown, max: number): FieldProblem {
  if (value === undefined) return 'is required';
  return typeof value === 'string' ? validateText(value, max) : 'must be text';
}

/** The schema of a short text. */
export const shortTextSchema = { type: 'string', minLength: 1, maxLength: limits.queue } as const;

export const isShortText = (value: unknown): boolean => textProblem(value, limits.queue) === undefined;

export const textField = (said: Said & { optional?: boolean; max?: number }): ConnectionField => {
  const { max = limits.queue, ...rest } = said;
  return {
    ...rest,
    problem: (value) => textProblem(value, max),
    schema: { type: 'string', minLength: 1, maxLength: max },
  };
};

/** The address that requests are sent to. */
export const addressField = (example: string, description: string): ConnectionField => ({
  problem: (value) =>
    textProblem(value, maxUrl) ??
    (isConnectionUrl(value as string)
      ? undefined
      : 'must be a URL such as https://acme.example, with no user name, password or fragment'),
  description,
  example,
  schema: { type: 'string', format: 'uri', minLength: 1, maxLength: maxUrl },
});

/** A secret that requests are sent with. One that goes into a header as it is has to be made of what headers are made of. */
export function secretField(
  description: string,
  { headerSafe = true, ...said }: Said & { headerSafe?: boolean } = {},
): ConnectionField {
  const [pattern, wrong] = headerSafe
    ? [/^[\x21-\x7e]+$/, 'must be letters, digits and signs of ASCII without blanks']
    : [/^\P{Cc}*$/u, 'must not hold a control character'];
  return {
    problem: (value) => textProblem(value, maxSecret) ?? (pattern.test(value as string) ? undefined : wrong),
    optional: true,
    secret: true,
    description: `${description} Never shown again; stays as it is when left out.`,
    ...said,
    schema: { type: 'string', minLength: 1, maxLength: maxSecret, writeOnly: true },
  };
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/** An optional member of a shape of its own. */
export const shapedField = (
  problem: ConnectionField['problem'],
  schema: ConnectionField['schema'],
): ConnectionField => ({ problem, optional: true, schema });

export const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.length <= maxEntries && value.every(isShortText);

/** An optional list of texts. */
export const textsField = (said: Said): ConnectionField => ({
  ...said,
  ...shapedField((value) => (isTexts(value) ? undefined : `must be a list of at most ${maxEntries} texts`), {
    type: 'array',
    items: shortTextSchema,
    maxItems: maxEntries,
  }),
});

/** The fields of a ticket that are left out. */
export const omitField = (names: readonly string[], description: string): ConnectionField => ({
  description,
  example: names.slice(-1),
  ...shapedField(
    (value) =>
      isTexts(value) && value.every((name) => names.includes(name))
        ? undefined
        : `must be a list of some of ${names.join(', ')}`,
    { type: 'array', items: { type: 'string', enum: [...names] }, maxItems: names.length },
  ),
});

const fieldName = /^[A-Za-z][A-Za-z0-9_]{0,99}$/;
const maxConstants = 10_000;

/** The fields of a ticket that a connection sets. `problem` is about one of them. */
export const constantsField = (
  problem: (name: string, value: unknown) => FieldProblem,
  said: Said,
): ConnectionField => ({
  ...said,
  ...shapedField(
    (value) => {
      if (!isRecord(value)) return 'must be an object';
      const names = Object.keys(value);
      if (names.length > maxEntries) return `must have at most ${maxEntries} members`;
      if (JSON.stringify(value).length > maxConstants)
        return `must have at most ${maxConstants} characters as JSON`;
      for (const name of names) {
        if (!fieldName.test(name)) return 'has a name that is no id of a field';
        const wrong = problem(name, value[name]);
        if (wrong) return `has ${name}, which ${wrong}`;
      }
      return undefined;
    },
    { type: 'object', additionalProperties: true },
  ),
});

/** A record whose names are texts, such as those of queues. */
export function recordProblem(value: unknown, valueProblem: (value: unknown) => FieldProblem): FieldProblem {
  if (!isRecord(value)) return 'must be an object';
  const entries = Object.entries(value);
  if (entries.length > maxEntries) return `must have at most ${maxEntries} members`;
  for (const [name, said] of entries) {
    const problem = validateText(name, limits.queue)
      ? 'has a name that is blank or too long'
      : valueProblem(said);
    if (problem) return problem;
  }
  return undefined;
}

/** The secrets that requests are signed with, as in Standard Webhooks. */
export const signingSecretsField = (what: string): ConnectionField => ({
  secret: true,
  ...shapedField(
    (value) =>
      Array.isArray(value) &&
      value.length >= 1 &&
      value.length <= 2 &&
      value.every((one) => typeof one === 'string' && isWebhookSecret(one))
        ? undefined
        : 'must be a list of one or two secrets, each of them whsec_ and 24 to 64 bytes in base64',
    {
      type: 'array',
      items: { type: 'string' },
      minItems: 1,
      maxItems: 2,
      writeOnly: true,
      description:
        `What ${what} are signed with, as in Standard Webhooks: with both while one takes the place of the other. ` +
        'Never shown again; when left out they stay as they are, and for a new connection one is made and shown this once.',
      example: ['whsec_ZXhhbXBsZSBvZiBhIHNlY3JldCwgbm90IGZvciB1c2U='],
    },
  ),
});
