import { isConnectionUrl, isWebhookSecret } from '@redress/connectors';
import { limits, severities, validateText, type Severity } from '@redress/domain';
import { CheckedAs, field, Flag, Text, textFault } from '../http/fields';

/*
 * What a connection is put with. Settings can be read again, secrets cannot: one that is left out stays as it is.
 */

const maxUrl = 2048;
const maxSecret = 4096;
const maxEntries = 100;

type Fault = string | undefined;

const urlFault = (value: unknown): Fault =>
  textFault(value, maxUrl) ??
  (isConnectionUrl(value as string)
    ? undefined
    : 'must be a URL such as https://acme.example, with no user name, password or fragment');

const Address = (example: string, description: string) =>
  field(
    'url',
    urlFault,
    { example, description },
    { type: String, format: 'uri', minLength: 1, maxLength: maxUrl },
  );

/** What goes into a header as it is has to be made of what headers are made of. */
const secretFault = (pattern: RegExp, problem: string) => (value: unknown) =>
  textFault(value, maxSecret) ?? (pattern.test(value as string) ? undefined : problem);

const Secret = (description: string, more: { example?: string; headerSafe?: boolean } = {}) => {
  const { headerSafe = true, ...options } = more;
  const fault = headerSafe
    ? secretFault(/^[\x21-\x7e]+$/, 'must be letters, digits and signs of ASCII without blanks')
    : secretFault(/^\P{Cc}*$/u, 'must not hold a control character');
  return field(
    'secret',
    fault,
    {
      optional: true,
      description: `${description} Never shown again; stays as it is when left out.`,
      ...options,
    },
    { type: String, minLength: 1, maxLength: maxSecret, writeOnly: true },
  );
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/** A record of texts, with sound names. */
const recordFault = (value: unknown, valueFault: (value: unknown) => Fault): Fault => {
  if (!isRecord(value)) return 'must be an object';
  const entries = Object.entries(value);
  if (entries.length > maxEntries) return `must have at most ${maxEntries} members`;
  for (const [name, said] of entries) {
    const fault = validateText(name, limits.queue)
      ? 'has a name that is blank or too long'
      : valueFault(said);
    if (fault) return fault;
  }
  return undefined;
};

const shortText = (value: unknown): boolean => textFault(value, limits.queue) === undefined;

const queuesFault = (value: unknown): Fault =>
  recordFault(value, (place) =>
    isRecord(place) &&
    Object.keys(place).length > 0 &&
    Object.entries(place).every(([name, said]) => ['project', 'component'].includes(name) && shortText(said))
      ? undefined
      : 'must be an object of queues, each of them {"project", "component"} or one of the two, as text',
  );

const prioritiesFault = (value: unknown): Fault =>
  isRecord(value) &&
  Object.entries(value).every(([name, said]) => severities.some((one) => one === name) && shortText(said))
    ? undefined
    : `must be an object of texts under ${severities.join(', ')}`;

const groupsFault = (value: unknown): Fault =>
  recordFault(value, (group) =>
    shortText(group) ? undefined : 'must be an object whose values are all text',
  );

const name = { type: 'string', minLength: 1, maxLength: limits.queue } as const;

class PutConnection {
  @Flag({ optional: true, example: true, description: 'Whether it is used; true when absent.' })
  enabled?: boolean;

  @Flag({
    optional: true,
    example: false,
    description:
      'Make a new secret for calls to us, and show it this once. The one before holds for 24 hours.',
  })
  rotateInboundSecret?: boolean;
}

export class PutJiraConnection extends PutConnection {
  @Address('https://acme.atlassian.net', 'Address of the site.')
  site!: string;

  @Text(254, { example: 'desk@acme.example', description: 'Whose API token it is.' })
  email!: string;

  @Secret('API token. Required when the connection is new, or the site another.', {
    example: 'example-of-a-token',
  })
  apiToken?: string;

  @Text(limits.queue, { example: 'RECON', description: 'Key of the project that gets the issues.' })
  project!: string;

  @Text(limits.queue, { optional: true, example: 'Task', description: 'Name of the type; Task when absent.' })
  issueType?: string;

  @CheckedAs('queues', queuesFault, {
    type: 'object',
    additionalProperties: {
      type: 'object',
      properties: { project: name, component: name },
      additionalProperties: false,
    },
    description: 'Where a queue leads, when not to the project.',
    example: { 'RECON-TEAM': { project: 'RECON', component: 'Cards' } },
  })
  queues?: Record<string, { project?: string; component?: string }>;

  @CheckedAs('priorities', prioritiesFault, {
    type: 'object',
    properties: Object.fromEntries(severities.map((severity) => [severity, name])),
    additionalProperties: false,
    description: 'What the site calls its priorities, where not as Jira does.',
    example: { CRITICAL: 'Blocker' },
  })
  priorities?: Partial<Record<Severity, string>>;
}

export class PutServiceNowConnection extends PutConnection {
  @Address('https://acme.service-now.com', 'Address of the instance.')
  instance!: string;

  @Text(limits.queue, { optional: true, example: 'incident', description: 'Table; incident when absent.' })
  table?: string;

  @Text(limits.queue, {
    optional: true,
    example: 'redress',
    description: 'Who signs in; goes with a password.',
  })
  username?: string;

  @Secret('Password of the user name.', { example: 'example-of-a-password', headerSafe: false })
  password?: string;

  @Secret('OAuth token, instead of user name and password.')
  token?: string;

  @Secret('API key, instead of user name and password.')
  apiKey?: string;

  @CheckedAs('assignmentGroups', groupsFault, {
    type: 'object',
    additionalProperties: name,
    description: 'The sys_id of the group that a queue leads to.',
    example: { 'RECON-TEAM': '287ebd7da9fe198100f92cc8d1d2154e' },
  })
  assignmentGroups?: Record<string, string>;

  @Text(limits.queue, {
    optional: true,
    example: '6816f79cc0a8016401c5a33be04be441',
    description: 'The sys_id of the user that incidents are reported by.',
  })
  callerId?: string;
}

const signingFault = (value: unknown): Fault =>
  Array.isArray(value) &&
  value.length >= 1 &&
  value.length <= 2 &&
  value.every((one) => typeof one === 'string' && isWebhookSecret(one))
    ? undefined
    : 'must be a list of one or two secrets, each of them whsec_ and 24 to 64 bytes in base64';

const SigningSecrets = (what: string) =>
  CheckedAs('secrets', signingFault, {
    type: 'array',
    items: { type: 'string' },
    minItems: 1,
    maxItems: 2,
    writeOnly: true,
    description:
      `What ${what} are signed with, as in Standard Webhooks: with both while one takes the place of the other. ` +
      'Never shown again; when left out they stay as they are, and for a new connection one is made and shown this once.',
    example: ['whsec_ZXhhbXBsZSBvZiBhIHNlY3JldCwgbm90IGZvciB1c2U='],
  });

export class PutWebhookConnection extends PutConnection {
  @Address(
    'https://hooks.acme.example/redress',
    'Where messages are posted. It is no secret: it is shown and logged.',
  )
  url!: string;

  @SigningSecrets('messages')
  secrets?: string[];
}

export class PutLedgerConnection extends PutConnection {
  @Address(
    'https://ledger.acme.example/redress',
    'Where postings are sent. It is no secret: it is shown and logged.',
  )
  url!: string;

  @SigningSecrets('postings')
  secrets?: string[];
}
