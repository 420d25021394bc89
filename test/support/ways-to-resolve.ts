import { DispatchRunner } from '@redress/connectors';
import { newId } from '../../apps/api/src/ids';
import type { Answer, Json, Person, TestApp } from './app';
import { connect } from './connections';
import { deliver, eventOf, headersOf, pathOf } from './inbound';
import type { Owner } from './owner';

/*
 * Every way on which an exception can get to RESOLVED, or something can be posted: by which operation of the API, by which
 * command of the lifecycle, and how it is gone by one person.
 */

/** An amount and its currency, `EUR 5`; nothing where there is none. */
export type Amount = string | undefined;

export type Walk = Readonly<{
  service: TestApp;
  owner: Owner;
  /** Who goes it. */
  ana: Person;
  /** Of the exception, and of what is posted or named beside it. */
  amount: Amount;
  posted: Amount;
}>;

export type Way = Readonly<{
  operation: string;
  commands: readonly string[];
  /** What happens before the policy is laid down. */
  before?: (walk: Walk) => Promise<string>;
  /** One person goes it; `id` is of the exception that was raised before. Answers the last answer. */
  go: (walk: Walk, id: string) => Promise<Answer>;
  /** Who proposes is no person of the tenant. */
  external?: true;
  /** What was posted before is taken back. */
  reverses?: true;
}>;

const moneyOf = (amount: Amount): object => {
  const [currency, value] = amount?.split(' ') ?? [];
  return value === undefined ? {} : { amount: value, currency };
};

const done = (answer: Answer): Json => {
  if (answer.status >= 300) throw new Error(answer.text);
  return answer.body;
};

export const raised = async ({ ana, amount }: Walk): Promise<string> =>
  (await ana.raise({ severity: 'LOW', ...moneyOf(amount) })).id as string;

const act = ({ ana }: Walk, id: string, what: string, body: object): Promise<Answer> =>
  ana.post(`/v1/exceptions/${id}/${what}`, body);

const adjust = (walk: Walk, id: string, query = ''): Promise<Answer> =>
  act(walk, id, `adjust-entry${query}`, {
    ...moneyOf(walk.posted),
    ...{ effectiveAt: '2026-01-01T00:00:00.000Z', reasonCode: 'FEE', notes: 'Seen.' },
  });

const match = (walk: Walk, id: string): Promise<Answer> => {
  const counterparts = [{ source: 'ledger', transactionId: newId(), ...moneyOf(walk.posted) }];
  const named = walk.posted === undefined ? {} : { counterparts, acceptResidual: true };
  return act(walk, id, 'force-match', { overrideReason: 'BUSINESS_DECISION', notes: 'Seen.', ...named });
};

const reverse = async (walk: Walk, id: string): Promise<Answer> => {
  const { items } = (await walk.ana.get(`/v1/exceptions/${id}/adjustments`)).body;
  return walk.ana.post(`/v1/adjustments/${items[0].id}/reverse`, { reason: 'Wrong account.' });
};

const whsec = `whsec_${Buffer.alloc(32, 2).toString('base64')}`;
const settings = {
  JIRA: {
    ...{ site: 'https://acme.atlassian.net', email: 'desk@acme.example' },
    ...{ apiToken: 'a-token', project: 'RECON' },
  },
  SERVICENOW: { instance: 'https://acme.service-now.com', username: 'redress', password: 'a password' },
  WEBHOOK: { url: 'https://hooks.acme.example/redress', secrets: [whsec] },
  LEDGER: { url: 'https://ledger.acme.example/redress', secrets: [whsec] },
} as const;
type Target = keyof typeof settings;

/** The connection, and what its other side signs with, once for each tenant. */
const connected = ({ ana }: Walk, target: Target): Promise<Json> =>
  connect(ana, target, { ...settings[target], rotateInboundSecret: true });

/** The other side says that it is done, signed. */
async function says(
  walk: Walk,
  target: Target,
  connection: Json,
  reference: string,
  at = new Date(),
): Promise<Answer> {
  const body = JSON.stringify(eventOf(target, { reference, stage: 'done', at }));
  const headers = headersOf(target, connection.inboundSecret, body);
  return deliver(walk.service, { path: pathOf(target, connection.id), headers, body });
}

/** Jira tells of a later change of the same issue, which is done as before. */
export const jiraSaysDone = async (walk: Walk, reference: string): Promise<Answer> =>
  says(walk, 'JIRA', await connected(walk, 'JIRA'), reference, new Date(Date.now() + 1000));

const callback = (walk: Walk, id: string, status: string, more: object = {}): Promise<Answer> =>
  walk.ana.post(
    `/v1/exceptions/${id}/callback`,
    { externalSystem: 'MANUAL', externalIssueId: 'M-1', status, ...more },
    { 'x-idempotency-key': newId() },
  );

const inbound = (target: 'JIRA' | 'SERVICENOW' | 'WEBHOOK', operation: string): Way => ({
  operation,
  commands: ['confirm'],
  external: true,
  go: async (walk, id) => {
    const connection = await connected(walk, target);
    const handed = done(await act(walk, id, 'dispatch', { targetSystem: target }));
    return says(walk, target, connection, handed.externalReference);
  },
});

export const postingOf = async ({ ana }: Pick<Walk, 'ana'>, id: string): Promise<Json> =>
  (await ana.get(`/v1/exceptions/${id}/dispatches`)).body.items
    .filter(({ kind }: Json) => kind === 'posting')
    .at(-1);

/** What a worker does with the posting that is due, if there is one. */
export async function carryOut(walk: Pick<Walk, 'ana' | 'service'>, id: string): Promise<void> {
  const posting = await postingOf(walk, id);
  if (posting) await walk.service.app.get(DispatchRunner).run(walk.ana.tenant, posting.id);
}

async function inLedger(walk: Walk, id: string, go: (walk: Walk, id: string) => Promise<Answer>) {
  await connected(walk, 'LEDGER');
  const answer = await go(walk, id);
  await carryOut(walk, id);
  return answer;
}

/** Proposed to the ledger while there was no policy; it was not reached, and the posting was given up. */
async function givenUp(walk: Walk): Promise<string> {
  await connected(walk, 'LEDGER');
  const id = await raised(walk);
  done(await adjust(walk, id));
  await walk.owner.rows(
    `UPDATE dispatch SET state = 'DEAD', sends = 1, attempts = 10, next_attempt_at = NULL, version = version + 1
     WHERE exception_id = $1`,
    [id],
  );
  return id;
}

const answerFor = async (walk: Walk, id: string, who: Person): Promise<Answer> => {
  const { id: dispatchId } = await postingOf(walk, id);
  return who.post(`/v1/dispatches/${dispatchId}/answer`, { arrived: true, reference: 'L-7' });
};

const posted = async (walk: Walk): Promise<string> => {
  const id = await raised(walk);
  done(await adjust(walk, id));
  return id;
};

const ledgerRow = { operation: 'adjustEntryException', commands: ['adjust_entry', 'confirm'] } as const;

export const ways = {
  'adjust-entry': {
    operation: 'adjustEntryException',
    commands: ['adjust_entry'],
    go: (walk, id) => adjust(walk, id),
  },
  'force-match': { operation: 'forceMatchException', commands: ['force_match'], go: match },
  resolve: {
    operation: 'resolveException',
    commands: ['resolve'],
    go: (walk, id) => act(walk, id, 'resolve', { resolution: 'ACCEPTED' }),
  },
  'bulk resolve': {
    operation: 'bulkResolveExceptions',
    commands: ['resolve'],
    go: ({ ana }, id) =>
      ana.post('/v1/exceptions/bulk/resolve', { exceptionIds: [id], resolution: 'ACCEPTED' }),
  },
  'bulk apply': {
    operation: 'applyEdits',
    commands: ['resolve'],
    go: ({ ana }, id) =>
      ana.send('POST', '/v1/exceptions/bulk/apply', {
        headers: { 'content-type': 'text/csv' },
        raw: `id,version,assignee,resolution,reason\n${id},1,,ACCEPTED,\n`,
      }),
  },
  callback: {
    operation: 'processCallback',
    commands: ['confirm'],
    go: async (walk, id) => {
      done(await act(walk, id, 'dispatch', { targetSystem: 'MANUAL' }));
      return callback(walk, id, 'RESOLVED', { resolutionNotes: 'Paid back.' });
    },
  },
  'callback, once it was taken up': {
    operation: 'processCallback',
    commands: ['resolve'],
    go: async (walk, id) => {
      done(await act(walk, id, 'dispatch', { targetSystem: 'MANUAL' }));
      done(await callback(walk, id, 'ASSIGNED', { assignee: 'eve' }));
      return callback(walk, id, 'RESOLVED');
    },
  },
  'message of Jira': inbound('JIRA', 'receiveFromJira'),
  'message of ServiceNow': inbound('SERVICENOW', 'receiveFromServiceNow'),
  'message of a webhook': inbound('WEBHOOK', 'receiveFromWebhook'),
  reversal: {
    operation: 'reverseAdjustment',
    commands: ['reverse'],
    before: posted,
    go: reverse,
    reverses: true,
  },
  'adjust-entry, in a ledger': { ...ledgerRow, go: (walk, id) => inLedger(walk, id, adjust) },
  'force-match, in a ledger': {
    operation: 'forceMatchException',
    commands: ['force_match', 'confirm'],
    go: (walk, id) => inLedger(walk, id, match),
  },
  'reversal, in a ledger': {
    operation: 'reverseAdjustment',
    commands: ['reverse'],
    before: async (walk) => {
      await connected(walk, 'LEDGER');
      const id = await posted(walk);
      await carryOut(walk, id);
      return id;
    },
    go: reverse,
    reverses: true,
  },
  'answer by who proposed': {
    operation: 'answerDispatch',
    commands: ['confirm'],
    before: givenUp,
    go: (walk, id) => answerFor(walk, id, walk.ana),
  },
  'answer by another person': {
    operation: 'answerDispatch',
    commands: ['confirm'],
    before: givenUp,
    go: (walk, id) => answerFor(walk, id, walk.service.person({ tenant: walk.ana.tenant, actor: 'zoe' })),
  },
  'redrive by who proposed': {
    operation: 'redriveDispatch',
    commands: ['confirm'],
    before: givenUp,
    go: async (walk, id) => {
      const { id: dispatchId } = await postingOf(walk, id);
      const answer = await walk.ana.post(`/v1/dispatches/${dispatchId}/redrive`);
      await carryOut(walk, id);
      return answer;
    },
  },
  'message of the ledger': {
    operation: 'receiveFromLedger',
    commands: ['confirm'],
    before: async (walk) => {
      await connected(walk, 'LEDGER');
      return posted(walk);
    },
    go: async (walk, id) =>
      says(walk, 'LEDGER', await connected(walk, 'LEDGER'), (await postingOf(walk, id)).id),
  },
} as const satisfies Record<string, Way>;

export type WayName = keyof typeof ways;

/** The other operations that change something, and why none of them resolves or posts anything by itself. */
export const resolvesNothing: Readonly<Record<string, string>> = {
  approveProposal: 'It is the approval of somebody else, with which each way ends.',
  ...all('A proposal goes back by it.', 'rejectProposal', 'withdrawProposal', 'recallException'),
  ...all('What is raised is OPEN.', 'raiseException', 'importExceptions'),
  ...all('It says who works on it.', 'assignException', 'unassignException', 'bulkAssignExceptions'),
  ...all('It is handed over, and waits.', 'dispatchException', 'bulkDispatchExceptions'),
  ...all('It is said about an exception.', 'addComment', 'editComment', 'deleteComment'),
  ...all(
    'A dispute ends without its exception.',
    ...[
      'openDispute',
      'putForwardDispute',
      'requestEvidence',
      'submitEvidence',
      'closeDispute',
      'reopenDispute',
    ],
  ),
  ...all(
    'It is laid down, and applies to what is asked later.',
    ...['putApprovalPolicy', 'putReasonCodes', 'deleteConnection', 'testConnection', 'putJiraConnection'],
    ...['putServiceNowConnection', 'putWebhookConnection', 'putLedgerConnection'],
  ),
  ...all(
    'Others are told of events.',
    ...['createWebhookEndpoint', 'changeWebhookEndpoint', 'deleteWebhookEndpoint'],
    ...['replayDelivery', 'replayDeliveries'],
  ),
};

function all(why: string, ...operations: readonly string[]): Record<string, string> {
  return Object.fromEntries(operations.map((operation) => [operation, why]));
}
