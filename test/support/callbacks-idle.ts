import { randomUUID } from 'node:crypto';
import {
  sealed,
  ago,
  text,
  honest,
  without,
  withHeaders,
  plainHmac,
  ticketing,
  said,
  targets,
  type Form,
  type Scene,
  type Target,
} from './callback-forms';
import { bytes, type Delivery } from './inbound';

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
export const idle: readonly Form[] = [
  repeated('the same again', ticketing, (first) => first),
  repeated('the same under another identifier', ['JIRA'], (first) =>
    withHeaders(first, { 'x-atlassian-webhook-identifier': randomUUID() }),
  ),
  repeated('the same under no identifier', ['JIRA'], (first) =>
    without(first, 'x-atlassian-webhook-identifier'),
  ),
  repeated('the same, signed anew', ticketing, (first, s) => sealed(s, first.body)),
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
    { targets: ['SERVICENOW', 'WEBHOOK'] },
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

/** The honest body, spoilt as a text. */
const spoilt = (
  name: string,
  spoil: (body: string, scene: Scene) => string | Buffer,
  more: Partial<Form> = {},
): Form => said(name, 'refused', (s) => sealed(s, spoil(text(s), s)), { targets, ...more });
const harmless = { harmless: true } as const;

export const unreadable: readonly Form[] = [
  spoilt('a byte order mark', (body) => `\ufeff${body}`),
  spoilt('bytes that are no UTF-8', (body) =>
    Buffer.concat([bytes(body.replace(/\}$/, ',"x":"')), Buffer.from([0xff]), bytes('"}')]),
  ),
  spoilt('a member twice', (body) => body.replace(/\}$/, ',"note":"a","note":"b"}')),
  spoilt('a second status', (body) =>
    body.replace(
      /("statusCategory"|"state"|"status":"R|"reference")/,
      (found) => `"key":"new","key":"new",${found}`,
    ),
  ),
  spoilt('a member called __proto__', (body) => body.replace(/\}$/, ',"__proto__":{"what":"done"}}')),
  spoilt('a member called constructor', (body) => body.replace(/\}$/, ',"constructor":{"prototype":{}}}')),
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
      { targets, ...harmless },
    ),
  ),
];
