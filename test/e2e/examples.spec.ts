import { newId } from '../../apps/api/src/ids';
import { failures, refusalStatus } from '../../apps/api/src/problems/problem';
import {
  apiRoutes,
  bodyOf,
  checksOf,
  exampleOf,
  type ApiDocument,
  type Response,
  type Route,
} from '../support/api-document';
import { connectToJira, receiveFromJira, pretendConnections } from '../support/connections';
import { aDeadDispatch } from '../support/dead-dispatch';
import { receiveEvents } from '../support/endpoints';
import { anAdjustment } from '../support/an-adjustment';
import { startTestApp, type Answer, type Person, type TestApp } from '../support/app';

/*
 * A client that sends the examples of the API description as they are gets the success that it describes.
 */

let service: TestApp;
let document: ApiDocument;
let routes: readonly Route[];

beforeAll(async () => {
  service = await startTestApp();
  pretendConnections(service);
  document = (await service.send('GET', '/openapi.json')).body as ApiDocument;
  routes = apiRoutes(document);
}, 60_000);
afterAll(() => service.close());

/** Where a request goes, and what its example cannot know. */
type Scene = Readonly<{
  ids?: Readonly<Record<string, string>>;
  over?: Readonly<Record<string, unknown>>;
  /** Members of the example that exclude each other. */
  without?: readonly string[];
  raw?: string;
}>;

async function made(answer: Promise<Answer>): Promise<Answer['body']> {
  const { status, text, body } = await answer;
  if (status >= 300) throw new Error(text);
  return body;
}

const anException = async (ana: Person): Promise<Scene> => ({ ids: { exceptionId: (await ana.raise()).id } });

const after =
  (command: string, body: object) =>
  async (ana: Person): Promise<Scene> => {
    const { id } = await ana.raise();
    await made(ana.post(`/v1/exceptions/${id}/${command}`, body));
    return { ids: { exceptionId: id } };
  };

/** Proposed by Ana, or by another person if she is to approve it. */
const aProposal =
  (actor?: string) =>
  async (ana: Person): Promise<Scene> => {
    const rules = [{ command: 'resolve', approvers: 1 }];
    await made(ana.send('PUT', '/v1/approval-policy', { body: { rules } }));
    const { id } = await ana.raise();
    const proposer = actor === undefined ? ana : service.person({ tenant: ana.tenant, actor });
    await made(proposer.post(`/v1/exceptions/${id}/resolve`, { resolution: 'ACCEPTED' }));
    return { ids: { exceptionId: id } };
  };

const aDispute =
  (draft: boolean, ...steps: readonly (readonly [string, object])[]) =>
  async (ana: Person): Promise<Scene> => {
    const { id } = await ana.raise();
    const opening = { category: 'OTHER', description: 'Wrong.', draft };
    const dispute = await made(ana.post(`/v1/exceptions/${id}/disputes`, opening));
    for (const [step, body] of steps) await made(ana.post(`/v1/disputes/${dispute.id}/${step}`, body));
    return { ids: { disputeId: dispute.id } };
  };

const aComment = async (ana: Person): Promise<Scene> => {
  const { id } = await ana.raise();
  const comment = await made(ana.post(`/v1/exceptions/${id}/comments`, { content: 'Seen.' }));
  return { ids: { exceptionId: id, commentId: comment.id } };
};

/** Ids or a filter, not both: here the ids, of exceptions that are there. */
const many = async (ana: Person): Promise<Scene> => {
  const { id } = await ana.raise();
  return { over: { exceptionIds: [id] }, without: ['exception_ids', 'filter'] };
};

const nothing = async (): Promise<Scene> => ({});
/** No other target is configured here. */
const toSomebody = { targetSystem: 'MANUAL' };

const toJira = async (ana: Person): Promise<Scene> => {
  await connectToJira(ana);
  return { ids: { target: 'JIRA' } };
};

const anEndpoint = async (ana: Person): Promise<Scene> => ({ ids: await receiveEvents(ana) });

/** Of every route what has to be there before; a route without its line fails. */
const scenes: Readonly<Record<string, (ana: Person) => Promise<Scene>>> = {
  raiseException: nothing,
  listExceptions: nothing,
  summarizeExceptions: nothing,
  exportExceptions: nothing,
  listDisputes: nothing,
  listAccessRecords: nothing,
  listAllDispatches: nothing,
  listAllDeliveries: nothing,
  listAllAdjustments: nothing,
  reverseAdjustment: async (ana) => ({ ids: await anAdjustment(ana) }),
  importExceptions: async () => ({
    raw: '{"transactionId":"019c96a0-10ce-75fc-a273-dc799079a99c","reason":"x"}\n',
  }),
  applyEdits: async (ana) => {
    const { text } = await ana.get('/v1/exceptions/export?format=csv');
    return { raw: text };
  },
  getException: anException,
  getExceptionHistory: anException,
  listAdjustments: anException,
  listForcedMatches: anException,
  assignException: anException,
  unassignException: after('assign', { assignee: 'bo@example.com' }),
  forceMatchException: anException,
  adjustEntryException: anException,
  resolveException: anException,
  openDispute: anException,
  dispatchException: async (ana) => ({ ...(await anException(ana)), over: toSomebody }),
  processCallback: async (ana) => ({
    ...(await after('dispatch', toSomebody)(ana)),
    over: { externalSystem: 'MANUAL' },
  }),
  listDispatches: after('dispatch', toSomebody),
  redriveDispatch: async (ana) => ({ ids: await aDeadDispatch(service, ana) }),
  answerDispatch: async (ana) => ({ ids: await aDeadDispatch(service, ana) }),
  recallException: after('dispatch', toSomebody),
  approveProposal: aProposal('ben@example.com'),
  rejectProposal: aProposal('ben@example.com'),
  withdrawProposal: aProposal(),
  listApprovals: nothing,
  getApprovalPolicy: nothing,
  putApprovalPolicy: nothing,
  listApprovalPolicyVersions: nothing,
  getReasonCodes: nothing,
  putReasonCodes: nothing,
  listReasonCodesVersions: nothing,
  bulkAssignExceptions: many,
  bulkResolveExceptions: many,
  bulkDispatchExceptions: async (ana) => {
    const { over, ...scene } = await many(ana);
    return { ...scene, over: { ...over, ...toSomebody } };
  },
  listComments: anException,
  addComment: anException,
  editComment: aComment,
  deleteComment: aComment,
  getDispute: aDispute(false),
  putForwardDispute: aDispute(true),
  requestEvidence: aDispute(false),
  submitEvidence: aDispute(false),
  closeDispute: aDispute(false),
  listConnections: toJira,
  getConnection: toJira,
  listConnectionChanges: toJira,
  testConnection: toJira,
  listInboundMessages: nothing,
  getInboundMessage: async (ana) => ({ ids: { messageId: await receiveFromJira(service, ana) } }),
  putJiraConnection: nothing,
  putServiceNowConnection: nothing,
  putWebhookConnection: nothing,
  putLedgerConnection: nothing,
  deleteConnection: toJira,
  listWebhookEndpoints: anEndpoint,
  createWebhookEndpoint: nothing,
  getWebhookEndpoint: anEndpoint,
  changeWebhookEndpoint: anEndpoint,
  deleteWebhookEndpoint: anEndpoint,
  listDeliveries: anEndpoint,
  replayDelivery: anEndpoint,
  replayDeliveries: anEndpoint,
  reopenDispute: aDispute(false, ['close', { won: false, resolution: 'So.' }]),
};

/** The request as the document's examples make it up, sent. */
async function sendExample(route: Route, described: ApiDocument): Promise<Answer> {
  const ana = service.person();
  const scene = scenes[route.operation.operationId];
  if (!scene) throw new Error(`${route.name} has no scene here`);
  const { ids = {}, over = {}, without = [], raw } = await scene(ana);
  const path = route.path.replace(/\{(\w+)\}/g, (_whole, name: string) => ids[name]!);
  const headers = { 'x-idempotency-key': newId() };
  if (raw !== undefined) {
    const [type = ''] = Object.keys(route.operation.requestBody!.content);
    return ana.send(route.method, path, { headers: { 'content-type': type }, raw });
  }
  const schema = bodyOf(described, route.operation);
  if (!schema) return ana.send(route.method, path, {});
  const example = Object.entries(exampleOf(described, schema, over)).filter(
    ([name]) => !without.includes(name),
  );
  return ana.send(route.method, path, { headers, body: Object.fromEntries(example) });
}

const firstSuccess = ({ operation }: Route): string =>
  // Raising describes what is new, and what was there already: in an empty tenant everything is new.
  operation.responses['201']
    ? '201'
    : // Requests under dual control are answered 202; in an empty tenant none is.
      (Object.keys(operation.responses).find((status) => status < '300' && status !== '202') ?? '202');

/** What is not as described about the answer to an example. */
async function surprises(described: ApiDocument, route: Route): Promise<string[]> {
  const answer = await sendExample(route, described);
  const expected = firstSuccess(route);
  if (String(answer.status) !== expected)
    return [`${route.name} was answered ${answer.status}, not ${expected}: ${answer.text}`];
  const { content } = route.operation.responses[expected]!;
  const schema = content?.['application/json']?.schema;
  if (!schema) return [];
  const { failed = [] } = answer.body;
  return [
    ...checksOf(described)(schema)(answer.body),
    // What became of one of many is told in an answer that is a success all the same.
    ...(Array.isArray(failed) ? failed : []).map((one) => `${route.name}: ${JSON.stringify(one)}`),
  ];
}

describe('the examples of requests', () => {
  it('are there for every member that a request must have', () => {
    const lacking = routes.flatMap(({ name, operation }) => {
      const schema = bodyOf(document, operation);
      const example = schema ? exampleOf(document, schema) : {};
      return (schema?.required ?? [])
        .filter((member) => !(member in example))
        .map((member) => `${name} ${member}`);
    });
    expect(lacking).toEqual([]);
  });

  it('are answered with the success that is described, on every route', async () => {
    const found: string[] = [];
    for (const route of routes) found.push(...(await surprises(document, route)));
    expect(found).toEqual([]);
  }, 60_000);

  it('need no body where there is nothing to say, and the service agrees', async () => {
    const silent = routes.filter(({ operation: { requestBody } }) => requestBody?.required === false);
    expect(silent.map(({ operation }) => operation.operationId).sort()).toEqual([
      'approveProposal',
      'deleteComment',
      'deleteConnection',
      'deleteWebhookEndpoint',
      'putForwardDispute',
      'recallException',
      'redriveDispatch',
      'replayDelivery',
      'testConnection',
      'unassignException',
      'withdrawProposal',
    ]);
    for (const route of silent) {
      const ana = service.person();
      const { ids = {} } = await scenes[route.operation.operationId]!(ana);
      const path = route.path.replace(/\{(\w+)\}/g, (_whole, name: string) => ids[name]!);
      expect([route.name, String((await ana.send(route.method, path)).status)]).toEqual([
        route.name,
        firstSuccess(route),
      ]);
    }
  });

  it('have a scene for nothing that is gone', () => {
    const names = routes.map(({ operation }) => operation.operationId);
    expect(Object.keys(scenes).filter((name) => !names.includes(name))).toEqual([]);
  });

  it('would be found out if one was wrong', async () => {
    const wrong = JSON.parse(JSON.stringify(document).replaceAll('"FEE_ADJUSTMENT"', '" "')) as ApiDocument;
    const route = apiRoutes(wrong).find(({ operation }) => operation.operationId === 'adjustEntryException')!;
    expect(await surprises(wrong, route)).toEqual([expect.stringMatching(/answered 400, not 200/)]);
  });
});

describe('the titles of failures', () => {
  const known: Readonly<Record<string, number>> = { ...failures, ...refusalStatus };

  const titlesOf = ({ description = '' }: Response & { description?: string }): string[] =>
    [...description.matchAll(/`([^`]+)`/g)].map(([, title]) => title!);

  const unknownTitles = (described: ApiDocument): string[] =>
    apiRoutes(described).flatMap(({ name, operation }) =>
      Object.entries(operation.responses)
        .filter(([status]) => status >= '400')
        .flatMap(([status, response]) => {
          const titles = titlesOf(response);
          const wrong = titles.filter((title) => known[title] !== Number(status));
          return titles.length
            ? wrong.map((title) => `${name} ${status} ${title}`)
            : [`${name} ${status} has none`];
        }),
    );

  it('are those there are, each with its own status', () => {
    expect(unknownTitles(document)).toEqual([]);
  });

  it('would be found out if one was made up, or under another status', () => {
    const text = JSON.stringify(document);
    expect(unknownTitles(JSON.parse(text.replaceAll('`not_found`', '`lost`')) as ApiDocument)).not.toEqual(
      [],
    );
    expect(unknownTitles(JSON.parse(text.replaceAll('"404":', '"410":')) as ApiDocument)).not.toEqual([]);
  });
});
