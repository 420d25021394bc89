import { randomUUID } from 'node:crypto';
import { sealed, said, type Form, type Scene } from './callback-forms';
import { jiraEvent, serviceNowEvent, webhookEvent } from './inbound';

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

export const withoutEffect: readonly Form[] = [
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
