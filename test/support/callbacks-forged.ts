import { randomUUID } from 'node:crypto';
import {
  sealed,
  ago,
  event,
  text,
  honest,
  without,
  withHeaders,
  signatureHeader,
  timeHeader,
  signedBy,
  signsWebhooks,
  timed,
  hook,
  plainHmac,
  targets,
  type Form,
  type Scene,
  type Target,
} from './callback-forms';
import { eventOf, pathOf, unix, type Delivery } from './inbound';

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

/** The sender does not have the secret. */
export const unsigned: readonly Form[] = [
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
      secret: signsWebhooks(s.target) ? `whsec_${Buffer.alloc(32).toString('base64')}` : 'secret',
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
      key: signsWebhooks(s.target) ? s.connection.secret : Buffer.from(s.connection.secret, 'base64'),
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

/** A sender with the secret may have sent it once, but not now, or not in this form. */
export const untimely: readonly Form[] = [
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

export const wrongBodies: readonly Form[] = [
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
