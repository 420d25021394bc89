import { randomUUID } from 'node:crypto';
import type { ConnectionTarget } from '../../apps/api/src/connections/connection';
import type { Person } from './app';
import {
  bytes,
  eventOf,
  headersOf,
  hmac,
  jiraEvent,
  pathOf,
  serviceNowEvent,
  unix,
  webhookEvent,
  type Delivery,
  type Tale,
} from './inbound';

export type Target = ConnectionTarget;
export const targets = ['JIRA', 'SERVICENOW', 'WEBHOOK'] as const;

/** A tenant with one connection, and an exception that was handed over by it. */
export type Party = Readonly<{
  person: Person;
  connection: Readonly<{ id: string; secret: string }>;
  exceptionId: string;
  dispatchId: string;
  reference: string;
}>;

export type Scene = Party &
  Readonly<{
    target: Target;
    /** Another tenant, who has the same. */
    them: Party;
    /** A delivery that is as it should be. */
    tell: (delivery: Delivery) => Promise<void>;
    /** Changes the connection. */
    put: (over: object) => Promise<void>;
    /** Somebody here does something. */
    act: (command: string, body?: object) => Promise<void>;
  }>;

/** A callback that must not change anything. */
export type Form = Readonly<{
  name: string;
  targets: readonly Target[];
  /** What happens before, which may change what it likes. */
  before?: (scene: Scene) => Promise<void>;
  bad: (scene: Scene) => Delivery;
  /** The status of the answer or, where it is authentic, what is said of it. */
  answer: number | string;
  /** There is nothing in it that anybody could make something of. */
  harmless?: true;
}>;

/* How deliveries are made. */

const sealed = (
  { target, connection }: Scene,
  body: string | Buffer,
  { secret = connection.secret, ...more }: { secret?: string; id?: string; at?: Date } = {},
): Delivery => ({
  path: pathOf(target, connection.id),
  headers: headersOf(target, secret, body, more),
  body,
});

const ago = (seconds: number): Date => new Date(Date.now() - seconds * 1000);

const event = (scene: Scene, over: Partial<Tale> = {}): object =>
  eventOf(scene.target, { reference: scene.reference, stage: 'done', ...over });
const text = (scene: Scene, over?: Partial<Tale>): string => JSON.stringify(event(scene, over));
const honest = (scene: Scene, over?: Partial<Tale>): Delivery => sealed(scene, text(scene, over));

function without(delivery: Delivery, name: string): Delivery {
  const { [name]: _gone, ...headers } = delivery.headers;
  return { ...delivery, headers };
}
const withHeaders = (delivery: Delivery, headers: Record<string, string>): Delivery => ({
  ...delivery,
  headers: { ...delivery.headers, ...headers },
});

const signatureHeader = {
  JIRA: 'x-hub-signature',
  SERVICENOW: 'x-redress-signature',
  WEBHOOK: 'webhook-signature',
} as const;
const timeHeader = { JIRA: '', SERVICENOW: 'x-redress-timestamp', WEBHOOK: 'webhook-timestamp' } as const;

/** The whole header of a signature, made with any key, by any algorithm, over any text. */
function signature(
  target: Target,
  { headers, body }: Delivery,
  { secret, key, algorithm = 'sha256' }: { secret: string; key?: string | Buffer; algorithm?: string },
): string {
  const id = headers['webhook-id'];
  const time = headers[timeHeader[target]];
  const before = { JIRA: '', SERVICENOW: `${time}.`, WEBHOOK: `${id}.${time}.` }[target];
  const signed = Buffer.concat([bytes(before), bytes(body)]);
  if (target !== 'WEBHOOK') return `${algorithm}=${hmac(key ?? secret, signed, algorithm)}`;
  const own = Buffer.from(secret.slice('whsec_'.length), 'base64');
  return `v1,${hmac(key ?? own, signed, algorithm, 'base64')}`;
}

const signedBy = (
  scene: Scene,
  delivery: Delivery,
  how: { key?: string | Buffer; algorithm?: string } = {},
) =>
  withHeaders(delivery, {
    [signatureHeader[scene.target]]: signature(scene.target, delivery, {
      secret: scene.connection.secret,
      ...how,
    }),
  });

const resigned =
  (make: (good: string, scene: Scene) => string) =>
  (scene: Scene): Delivery => {
    const delivery = honest(scene);
    const name = signatureHeader[scene.target];
    return withHeaders(delivery, { [name]: make(delivery.headers[name]!, scene) });
  };

const forged = (
  name: string,
  bad: Form['bad'],
  on: readonly Target[] = targets,
  more: Partial<Form> = {},
): Form => ({ name, targets: on, bad, answer: 401, ...more });

const timed = ['SERVICENOW', 'WEBHOOK'] as const;
const hook = ['WEBHOOK'] as const;
const plainHmac = ['JIRA', 'SERVICENOW'] as const;

/** Nobody with the secret sent it. */
const unsigned: readonly Form[] = [
  forged('no signature', (s) => without(honest(s), signatureHeader[s.target])),
  forged(
    'an empty signature',
    resigned(() => ''),
  ),
  forged(
    'the prefix of a signature',
    resigned((good) => good.slice(0, 7)),
  ),
  forged(
    'the first half of a signature',
    resigned((good) => good.slice(0, good.length / 2)),
  ),
  forged(
    'a signature with one letter changed',
    resigned((good) => `${good.slice(0, 20)}${good[20] === 'a' ? 'b' : 'a'}${good.slice(21)}`),
  ),
  forged(
    'a signature without its prefix',
    resigned((good) => good.slice(good.search(/[=,]/) + 1)),
  ),
  forged(
    'the secret for a signature',
    resigned((_, { connection }) => connection.secret),
  ),
  forged('the signature of nothing', (s) => ({
    ...honest(s),
    headers: { ...signedBy(s, { ...honest(s), body: '' }).headers },
  })),
  forged('a secret that was guessed', (s) =>
    sealed(s, text(s), {
      secret: s.target === 'WEBHOOK' ? `whsec_${Buffer.alloc(32).toString('base64')}` : 'secret',
    }),
  ),
  forged('an empty secret', (s) => signedBy(s, honest(s), { key: '' })),
  forged('the secret of another tenant', (s) => sealed(s, text(s), { secret: s.them.connection.secret })),
  forged('our secret at the address of another tenant', (s) => ({
    ...sealed(s, JSON.stringify(eventOf(s.target, { reference: s.them.reference, stage: 'done' }))),
    path: pathOf(s.target, s.them.connection.id),
  })),
  forged('the secret as another kind of text', (s) =>
    signedBy(s, honest(s), {
      key: s.target === 'WEBHOOK' ? s.connection.secret : Buffer.from(s.connection.secret, 'base64'),
    }),
  ),
  forged('SHA-1', (s) => signedBy(s, honest(s), { algorithm: 'sha1' })),
  forged('SHA-512', (s) => signedBy(s, honest(s), { algorithm: 'sha512' })),
  forged('MD5', (s) => signedBy(s, honest(s), { algorithm: 'md5' })),
  forged('SHA-1 that is called SHA-256', (s) => {
    const d = signedBy(s, honest(s), { algorithm: 'sha1' });
    const name = signatureHeader[s.target];
    return withHeaders(d, { [name]: d.headers[name]!.replace('sha1', 'sha256') });
  }),
  forged(
    'no algorithm',
    resigned((good) => good.replace('sha256', 'none').replace('v1,', 'none,')),
  ),
  forged('the body of another message', (s) => ({ ...honest(s, { stage: 'not_begun' }), body: text(s) })),
  forged('a body with a blank more', (s) => {
    const d = honest(s);
    return { ...d, body: `${String(d.body)} ` };
  }),
  forged('a signature over the body as it would be written again', (s) => ({
    ...honest(s),
    ...{ headers: honest(s).headers, body: JSON.stringify(event(s), null, 1) },
  })),
  forged('a signature over the members in another order', (s) => {
    const all = Object.entries(event(s));
    const d = sealed(s, JSON.stringify(Object.fromEntries([...all].reverse())));
    return { ...d, body: JSON.stringify(Object.fromEntries(all)) };
  }),
  forged('a signature in the address', (s) => {
    const d = honest(s);
    const name = signatureHeader[s.target];
    return { ...without(d, name), path: `${d.path}?${name}=${encodeURIComponent(d.headers[name]!)}` };
  }),
  forged('a signature under another name', (s) => {
    const d = honest(s);
    const name = signatureHeader[s.target];
    return withHeaders(without(d, name), {
      'x-hub-signature-256': d.headers[name]!,
      'x-signature': d.headers[name]!,
    });
  }),
  forged(
    'two signatures, one of them good',
    resigned((good) => `sha256=${'0'.repeat(64)}, ${good}`),
    plainHmac,
  ),
  forged(
    'a signature that is followed by something',
    resigned((good) => `${good}00`),
  ),
  forged('a token of an administrator', (s) =>
    withHeaders(without(honest(s), signatureHeader[s.target]), { authorization: `Bearer ${s.person.token}` }),
  ),
  forged('a connection nobody has', (s) => ({ ...honest(s), path: pathOf(s.target, randomUUID()) })),
  forged('a connection that is no id', (s) => ({ ...honest(s), path: pathOf(s.target, "x'--") })),
  forged('a connection called as what objects inherit', (s) => ({
    ...honest(s),
    path: pathOf(s.target, '__proto__'),
  })),
  forged('a connection with U+0000', (s) => ({
    ...honest(s),
    path: pathOf(s.target, `${s.connection.id}%00`),
  })),
  forged('the address of another kind of system', (s) => ({
    ...honest(s),
    path: pathOf(s.target === 'JIRA' ? 'SERVICENOW' : 'JIRA', s.connection.id),
  })),
  forged('a connection that is switched off', honest, targets, {
    before: ({ put }) => put({ enabled: false }),
  }),
  forged('a connection that was deleted', honest, targets, {
    before: async ({ person, target }) => {
      await person.send('DELETE', `/v1/connections/${target}`);
    },
  }),
  forged('a secret before the one before', honest, targets, {
    before: async ({ put }) => {
      await put({ rotateInboundSecret: true });
      await put({ rotateInboundSecret: true });
    },
  }),
];

const atTime =
  (make: (now: Date) => string) =>
  (s: Scene): Delivery =>
    signedBy(s, withHeaders(honest(s), { [timeHeader[s.target]]: make(new Date()) }));

/** Somebody with the secret may have sent it once; not now, or not so. */
const untimely: readonly Form[] = [
  forged('no time', (s) => without(honest(s), timeHeader[s.target]), timed),
  forged(
    'an empty time',
    atTime(() => ''),
    timed,
  ),
  forged('a time six minutes ago', (s) => sealed(s, text(s), { at: ago(360) }), timed),
  forged('a time in six minutes', (s) => sealed(s, text(s), { at: ago(-360) }), timed),
  forged(
    'a new time on an old signature',
    (s) => withHeaders(sealed(s, text(s), { at: ago(3600) }), { [timeHeader[s.target]]: unix(new Date()) }),
    timed,
  ),
  forged(
    'a time in milliseconds',
    atTime((now) => String(now.getTime())),
    timed,
  ),
  forged(
    'a time with a fraction',
    atTime((now) => `${unix(now)}.0`),
    timed,
  ),
  forged(
    'a time in hexadecimal',
    atTime((now) => `0x${Number(unix(now)).toString(16)}`),
    timed,
  ),
  forged(
    'a time with a sign',
    atTime((now) => `+${unix(now)}`),
    timed,
  ),
  forged(
    'a time with a zero before it',
    atTime((now) => `0${unix(now)}`),
    timed,
  ),
  forged(
    'a time as a date',
    atTime((now) => now.toISOString()),
    timed,
  ),
  forged(
    'two times',
    atTime((now) => `${unix(now)}, ${unix(now)}`),
    timed,
  ),
  forged(
    'a time that is no number',
    atTime(() => 'NaN'),
    timed,
  ),
  forged('no id', (s) => without(honest(s), 'webhook-id'), hook),
  forged('another id', (s) => withHeaders(honest(s), { 'webhook-id': 'msg_other' }), hook),
  forged('an id with a dot', (s) => signedBy(s, withHeaders(honest(s), { 'webhook-id': 'msg.1' })), hook),
  forged(
    'an id that is too long',
    (s) => signedBy(s, withHeaders(honest(s), { 'webhook-id': 'm'.repeat(256) })),
    hook,
  ),
  forged(
    'an asymmetric scheme',
    resigned((good) => good.replace('v1,', 'v1a,')),
    hook,
  ),
  forged(
    'a scheme to come',
    resigned((good) => good.replace('v1,', 'v2,')),
    hook,
  ),
  forged('two identifiers', (s) => withHeaders(honest(s), { 'x-atlassian-webhook-identifier': 'one, two' }), [
    'JIRA',
  ]),
  forged(
    'an identifier that is too long',
    (s) => withHeaders(honest(s), { 'x-atlassian-webhook-identifier': 'i'.repeat(256) }),
    ['JIRA'],
  ),
];

const ofType = (type: string): Form => ({
  name: `a body called ${type}`,
  targets,
  bad: (s) => withHeaders(honest(s), { 'content-type': type }),
  answer: 415,
});

const wrongBodies: readonly Form[] = [
  ...[
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
  ].map(ofType),
  ...['application/x-ndjson', 'text/csv', 'application/octet-stream', 'text/json'].map(ofType),
  { name: 'a body of no type', targets, bad: (s) => without(honest(s), 'content-type'), answer: 415 },
  {
    name: 'a body that is too large',
    targets,
    bad: (s) => sealed(s, JSON.stringify({ ...event(s), pad: 'x'.repeat(2_000_000) })),
    answer: 413,
  },
];

const said = (name: string, answer: string, bad: Form['bad'], more: Partial<Form> = {}): Form => ({
  name,
  targets,
  bad,
  answer,
  ...more,
});

/** A message that was taken, and what was done here since: so that taking it again would undo that. */
const takenOnce = (id: string, at = ago(60)) => {
  let first: Delivery | undefined;
  const before = async (s: Scene): Promise<void> => {
    first = sealed(s, text(s, { stage: 'taken_up', assignee: 'Mia', at }), { id });
    await s.tell(first);
    await s.act('assign', { assignee: 'Ana' });
  };
  return { before, again: () => first! };
};

function repeated(
  name: string,
  on: readonly Target[],
  how: (first: Delivery, scene: Scene) => Delivery,
): Form {
  const { before, again } = takenOnce(`msg_${randomUUID()}`);
  return said(name, 'duplicate', (scene) => how(again(), scene), { targets: on, before });
}

/** Authentic, and nothing to be done: not again, not any more, or not at all. */
const idle: readonly Form[] = [
  repeated('the same again', targets, (first) => first),
  repeated('the same under another identifier', ['JIRA'], (first) =>
    withHeaders(first, { 'x-atlassian-webhook-identifier': randomUUID() }),
  ),
  repeated('the same under no identifier', ['JIRA'], (first) =>
    without(first, 'x-atlassian-webhook-identifier'),
  ),
  repeated('the same, signed anew', targets, (first, s) => sealed(s, first.body)),
  repeated('other words under the same id', ['JIRA', 'WEBHOOK'], (first, s) =>
    sealed(s, text(s), {
      id: first.headers['webhook-id'] ?? first.headers['x-atlassian-webhook-identifier']!,
    }),
  ),
  said(
    'older than what was applied',
    'stale',
    (s) => honest(s, { stage: 'taken_up', assignee: 'Bo', at: ago(120) }),
    { before: (s) => s.tell(honest(s, { stage: 'taken_up', assignee: 'Mia', at: ago(60) })) },
  ),
  said(
    'older than what needed nothing',
    'stale',
    (s) => honest(s, { stage: 'taken_up', assignee: 'Bo', at: ago(120) }),
    { targets: plainHmac, before: (s) => s.tell(honest(s, { stage: 'not_begun', at: ago(60) })) },
  ),
  said('done, but before it was taken up', 'stale', (s) => honest(s, { at: ago(120) }), {
    before: (s) => s.tell(honest(s, { stage: 'taken_up', assignee: 'Mia', at: ago(60) })),
  }),
  said('a change that is yet to come', 'refused', (s) => honest(s, { at: ago(-200_000) })),
  said('a ticket of another tenant', 'no_such_exception', (s) => honest(s, { reference: s.them.reference })),
  said('a ticket nobody knows', 'no_such_exception', (s) => honest(s, { reference: 'NONE-1' }), {
    harmless: true,
  }),
  said('a ticket of before it was taken back and handed over again', 'refused', honest, {
    before: async ({ act }) => {
      await act('recall');
      await act('dispatch');
    },
  }),
  said('taken up by nobody', 'recorded', (s) => honest(s, { stage: 'taken_up' }), { harmless: true }),
  // Jira has other names for people.
  said(
    'taken up by somebody without a name',
    'recorded',
    (s) => honest(s, { stage: 'taken_up', assignee: ' \u202e ' }),
    { targets: timed },
  ),
  said('resolved already', 'recorded', (s) => honest(s), {
    before: ({ act }) => act('resolve', { resolution: 'Ours' }),
    harmless: true,
  }),
  said('not done any more', 'refused', (s) => honest(s, { stage: 'taken_up', assignee: 'Mia' }), {
    before: ({ act }) => act('resolve', { resolution: 'Ours' }),
    harmless: true,
  }),
];

const jira = (
  name: string,
  answer: string,
  fields: object,
  over: (s: Scene) => object = () => ({}),
  more: Partial<Form> = {},
): Form =>
  said(
    name,
    answer,
    (s) => sealed(s, JSON.stringify(jiraEvent({ reference: s.reference, stage: 'done' }, fields, over(s)))),
    { targets: ['JIRA'], ...more },
  );
const category = (key: unknown): object => ({ status: { name: 'Done', statusCategory: { key } } });
const mark = (id: string): string => `redress-${id}`;
const comment = (body: unknown) => () => ({ webhookEvent: 'comment_created', comment: { body } });

const serviceNow = (
  name: string,
  answer: string,
  over: (s: Scene) => object,
  more: Partial<Form> = {},
): Form =>
  said(
    name,
    answer,
    (s) => sealed(s, JSON.stringify(serviceNowEvent({ reference: s.reference, stage: 'done' }, over(s)))),
    { targets: ['SERVICENOW'], ...more },
  );

const webhook = (
  name: string,
  answer: string,
  data: (s: Scene) => object,
  over: object = {},
  more: Partial<Form> = {},
): Form =>
  said(
    name,
    answer,
    (s) => sealed(s, JSON.stringify(webhookEvent({ reference: s.reference, stage: 'done' }, data(s), over))),
    { targets: ['WEBHOOK'], ...more },
  );

const unmeant: readonly Form[] = [
  ...['Done', 'DONE', ' done', 'done\u200b', 'ｄｏｎｅ'].map((key) =>
    jira(`the category ${JSON.stringify(key)}`, 'unknown_status', category(key)),
  ),
  jira('a list of categories', 'unknown_status', category(['done'])),
  ...['toString', '__proto__', 'parked', '', null, 3].map((key) =>
    jira(`the category ${JSON.stringify(key)}`, 'unknown_status', category(key), undefined, {
      harmless: true,
    }),
  ),
  jira('no status', 'unknown_status', { status: null }, undefined, { harmless: true }),
  jira('no time of the change', 'refused', { updated: null }),
  jira('a time of the change that is none', 'refused', { updated: 'yesterday' }),
  jira('an event that says nothing of statuses', 'recorded', {}, () => ({
    webhookEvent: 'issuelink_created',
  })),
  jira('an event without a name', 'recorded', {}, () => ({ webhookEvent: {} })),
  jira('a comment', 'recorded', {}, comment('Please look.')),
  jira('a comment of our own', 'echo', {}, comment(`Assigned to bo.\n\n${mark(randomUUID())}`)),
  jira(
    'a comment of our own, as a document',
    'echo',
    {},
    comment({
      type: 'doc',
      content: [{ type: 'paragraph', content: [{ type: 'text', text: mark(randomUUID()) }] }],
    }),
  ),
  jira('that it was deleted', 'refused', {}, () => ({ webhookEvent: 'jira:issue_deleted' })),
  said(
    'that we made it',
    'echo',
    (s) =>
      sealed(
        s,
        JSON.stringify(
          jiraEvent(
            { reference: s.reference, stage: 'not_begun' },
            { labels: [mark(s.dispatchId)] },
            { webhookEvent: 'jira:issue_created' },
          ),
        ),
      ),
    { targets: ['JIRA'], harmless: true },
  ),
  said(
    'a copy with our label',
    'refused',
    (s) =>
      sealed(
        s,
        JSON.stringify(jiraEvent({ reference: 'OPS-COPY', stage: 'done' }, { labels: [mark(s.dispatchId)] })),
      ),
    { targets: ['JIRA'], harmless: true },
  ),
  ...['06', ' 6', '6.0', '٦', '６'].map((state) =>
    serviceNow(
      `the state ${JSON.stringify(state)}`,
      'unknown_status',
      () => ({ state }),
      state === '٦' ? { harmless: true } : {},
    ),
  ),
  ...['4', '66', 'Resolved', '', null].map((state) =>
    serviceNow(`the state ${JSON.stringify(state)}`, 'unknown_status', () => ({ state }), { harmless: true }),
  ),
  serviceNow('no time of the change', 'refused', () => ({ sys_updated_on: '' })),
  serviceNow('a time of the change with a month 13', 'refused', () => ({
    sys_updated_on: '2026-13-01 00:00:00',
  })),
  serviceNow('another type', 'recorded', () => ({ type: 'incident.viewed' })),
  serviceNow(
    'a copy with our correlation id',
    'refused',
    ({ dispatchId }) => ({ number: 'INC9999999', correlation_id: dispatchId }),
    { harmless: true },
  ),
  ...['resolved', 'Resolved', ' RESOLVED', 'RESOLVED\u200b', 'reſolved', 'ＲＥＳＯＬＶＥＤ'].map((status) =>
    webhook(`the status ${JSON.stringify(status)}`, 'unknown_status', () => ({ status })),
  ),
  ...['CLOSED', '__proto__', '', null, ['RESOLVED', 'OPEN']].map((status) =>
    webhook(
      `the status ${JSON.stringify(status)}`,
      'unknown_status',
      () => ({ status }),
      {},
      { harmless: true },
    ),
  ),
  webhook('another type', 'recorded', () => ({}), { type: 'exception.noted' }),
  webhook('no time', 'refused', () => ({}), { timestamp: null }),
  webhook('a time without a zone', 'refused', () => ({}), { timestamp: '2026-01-01T00:00:00' }),
  webhook('an exception of another tenant', 'no_such_exception', ({ them }) => ({
    externalIssueId: undefined,
    exceptionId: them.exceptionId,
  })),
  webhook('an exception of another tenant with a ticket of ours', 'no_such_exception', ({ them }) => ({
    exceptionId: them.exceptionId,
  })),
];

/** The honest body, spoilt as a text. */
const spoilt = (
  name: string,
  spoil: (body: string, scene: Scene) => string | Buffer,
  more: Partial<Form> = {},
): Form => said(name, 'refused', (s) => sealed(s, spoil(text(s), s)), more);
const harmless = { harmless: true } as const;

const unreadable: readonly Form[] = [
  spoilt('a byte order mark', (body) => `\ufeff${body}`),
  spoilt('bytes that are no UTF-8', (body) =>
    Buffer.concat([bytes(body.replace(/\}$/, ',"x":"')), Buffer.from([0xff]), bytes('"}')]),
  ),
  spoilt('a member twice', (body) => body.replace(/\}$/, ',"note":"a","note":"b"}')),
  spoilt('a second status', (body) =>
    body.replace(/("statusCategory"|"state"|"status":"R)/, (found) => `"key":"new","key":"new",${found}`),
  ),
  spoilt('a member called __proto__', (body) => body.replace(/\}$/, ',"__proto__":{"what":"done"}}')),
  spoilt('a member called constructor', (body) => body.replace(/\}$/, ',"constructor":{"prototype":{}}}')),
  spoilt('U+0000', (body) => body.replace(/\}$/, ',"note":"a\\u0000b"}')),
  spoilt('half of a surrogate pair', (body) => body.replace(/\}$/, ',"note":"\\ud83d"}')),
  spoilt('nesting without end', (body) => body.replace(/\}$/, `,"deep":${'['.repeat(50)}${']'.repeat(50)}}`)),
  spoilt('something after the end', (body) => `${body}{}`, harmless),
  spoilt('no end', (body) => body.slice(0, -1), harmless),
  spoilt('NaN', (body) => body.replace(/\}$/, ',"n":NaN}'), harmless),
  spoilt('UTF-16', (body) => Buffer.from(body, 'utf16le'), harmless),
  spoilt('a form', () => 'status=done', harmless),
  spoilt('markup', () => '<status>done</status>', harmless),
  spoilt('nothing', () => '', harmless),
  ...['null', '[]', '"done"', '6', '{}'].map((body) =>
    said(
      `the body ${body}`,
      'no_such_exception',
      (s) => sealed(s, `${body}${' '.repeat(s.reference.length)}`),
      harmless,
    ),
  ),
];

export const badCallbacks: readonly Form[] = [
  ...unsigned,
  ...untimely,
  ...wrongBodies,
  ...idle,
  ...unmeant,
  ...unreadable,
];
