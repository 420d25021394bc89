import { apiRoutes, type ApiDocument } from '../support/api-document';
import { newId } from '../../apps/api/src/ids';
import { startTestApp, type Answer, type Json, type Person, type TestApp } from '../support/app';
import { connect, connectToJira, pretendConnections } from '../support/connections';
import { inParallel } from '../support/seed';

/*
 * Allowed actions against the routes: every action in every state for the proposer, an approver, the assignee and a stranger,
 * each on a case of its own. What is allowed succeeds; what is not is refused with the code and the sentence announced.
 */

type Team = Readonly<Record<'ana' | 'ben' | 'cyd' | 'dee', Person>>;

let service: TestApp;
let document: ApiDocument;
/** A tenant without settings, one with an approval policy, one with a ledger and one that is connected to Jira. */
let teams: Readonly<Record<'plain' | 'careful' | 'booked' | 'connected', Team>>;

function aTeam(): Team {
  const tenant = `tenant-${newId()}`;
  const person = (actor: string) => service.person({ tenant, actor });
  return { ana: person('ana'), ben: person('ben'), cyd: person('cyd'), dee: person('dee') };
}

const done = (answer: Answer): Json => {
  if (answer.status >= 300) throw new Error(answer.text);
  return answer.body;
};

beforeAll(async () => {
  service = await startTestApp();
  pretendConnections(service);
  document = (await service.send('GET', '/openapi.json')).body as ApiDocument;
  teams = { plain: aTeam(), careful: aTeam(), booked: aTeam(), connected: aTeam() };
  await connectToJira(teams.connected.ana);
  const secrets = [`whsec_${Buffer.alloc(32, 7).toString('base64')}`];
  await connect(teams.booked.ana, 'LEDGER', { url: 'https://ledger.example/postings', secrets });
  const mayNotApprove = ['assigner'];
  const rules = [
    { command: 'force_match', approvers: 2 },
    { command: 'resolve', approvers: 1, mayNotApprove },
    { command: 'adjust_entry', currency: 'EUR', minimumAmount: '100.00', approvers: 1 },
    { command: 'adjust_entry', currency: 'USD', approvers: 1 },
  ];
  done(await teams.careful.ana.send('PUT', '/v1/approval-policy', { body: { rules } }));
}, 60_000);
afterAll(() => service.close());

const entry = (amount: string, currency = 'BRL') => ({
  ...{ amount, currency, reasonCode: 'FEE', notes: 'By hand.', effectiveAt: '2026-01-15T10:30:00Z' },
});
const match = { overrideReason: 'BUSINESS_DECISION', notes: 'By hand.' };
const report = (item: Json) => ({
  ...{ externalSystem: item.externalSystem ?? 'MANUAL', externalIssueId: item.externalIssueId ?? 'I-1' },
  status: 'RESOLVED',
});

/** What is sent to a route, by its name. */
const bodies: Readonly<Record<string, (item: Json, action: Json) => object | undefined>> = {
  assign: () => ({ assignee: 'zoe' }),
  unassign: () => undefined,
  'force-match': () => match,
  'adjust-entry': () => entry('1', 'EUR'),
  resolve: () => ({ resolution: 'ACCEPTED' }),
  dispatch: (_, { targets: [targetSystem] = ['MANUAL'] }) => ({ targetSystem }),
  recall: () => undefined,
  approve: () => undefined,
  reject: () => ({ reason: 'No.' }),
  withdraw: () => undefined,
  callback: report,
  comments: () => ({ content: 'Seen.' }),
  disputes: (_, { categories: [category] = ['BANK_FEE_ERROR'] }) => ({ category, description: 'Wrong.' }),
};

type State = (by: Team, raise: () => Promise<string>) => Promise<string>;
const give = async (person: Person, of: string, path: string, body?: object): Promise<Json> =>
  done(await person.post(`${of}/${path}`, body, { 'x-idempotency-key': newId() }));

const assigned: State = async ({ ana }, raise) => {
  const of = await raise();
  await give(ana, of, 'assign', { assignee: 'cyd' });
  return of;
};
const handedOver: State = async (by, raise) => {
  const of = await assigned(by, raise);
  await give(by.ana, of, 'dispatch', { targetSystem: 'MANUAL' });
  return of;
};
const proposing =
  (path: string, body: object): State =>
  async (by, raise) => {
    const of = await assigned(by, raise);
    await give(by.ana, of, path, body);
    return of;
  };
const resolution = { resolution: 'ACCEPTED' };

/** state → the team that has it, and the way there. */
const states: Readonly<Record<string, readonly [keyof typeof teams, State]>> = {
  OPEN: ['plain', (_, raise) => raise()],
  'OPEN, where every category is disputed': [
    'plain',
    async ({ ana }, raise) => {
      const of = await raise();
      for (const category of [
        ...['BANK_FEE_ERROR', 'UNRECOGNIZED_CHARGE', 'DUPLICATE_TRANSACTION', 'AMOUNT_MISMATCH', 'OTHER'],
      ])
        await give(ana, of, 'disputes', { category, description: 'Wrong.' });
      return of;
    },
  ],
  ASSIGNED: ['plain', assigned],
  'ASSIGNED, where there is a policy': ['careful', assigned],
  'ASSIGNED, where there is a ledger': ['booked', assigned],
  'ASSIGNED, where Jira is connected': ['connected', assigned],
  'ASSIGNED, taken up outside': [
    'plain',
    async (by, raise) => {
      const of = await handedOver(by, raise);
      const taken = { ...report({}), status: 'ASSIGNED', assignee: 'cyd' };
      await give(by.ana, of, 'callback', taken);
      return of;
    },
  ],
  'waits for a person outside': ['plain', handedOver],
  'waits for a person outside, where Jira is connected': ['connected', handedOver],
  'waits for a person outside, where there is a policy': ['careful', handedOver],
  'waits for a person outside, where there is a ledger': ['booked', handedOver],
  'waits for approval of a force match': ['careful', proposing('force-match', match)],
  'waits for a second approval': [
    'careful',
    async (by, raise) => {
      const of = await proposing('force-match', match)(by, raise);
      await give(by.ben, of, 'approve');
      return of;
    },
  ],
  'waits for approval, not by its assigner': [
    'careful',
    async (by, raise) => {
      const of = await raise();
      await give(by.ben, of, 'assign', { assignee: 'cyd' });
      await give(by.ana, of, 'resolve', resolution);
      return of;
    },
  ],
  'waits for approval of what was reported from outside': [
    'careful',
    async (by, raise) => {
      const of = await handedOver(by, raise);
      await give(by.ana, of, 'callback', report({}));
      return of;
    },
  ],
  'waits for the ledger': ['booked', proposing('adjust-entry', entry('1'))],
  'RESOLVED plainly': ['plain', proposing('resolve', resolution)],
  'RESOLVED outside': [
    'plain',
    async (by, raise) => {
      const of = await handedOver(by, raise);
      await give(by.ana, of, 'callback', report({}));
      return of;
    },
  ],
  'RESOLVED, with a reversal that waits for approval': [
    'careful',
    async ({ ana, ben }, raise) => {
      const of = await raise();
      await give(ana, of, 'adjust-entry', entry('1.00', 'USD'));
      await give(ben, of, 'approve');
      const [adjustment] = (await ana.get(`${of}/adjustments`)).body.items;
      await give(ana, `/v1/adjustments/${adjustment.id}`, 'reverse', { reason: 'Twice.' });
      return of;
    },
  ],
};

async function raised({ ana }: Team): Promise<string> {
  return `/v1/exceptions/${(await ana.raise()).id}`;
}

const send = (person: Person, { href }: Json, body: object | undefined, preview = false) =>
  person.post(`${href}${preview ? '?preview=true' : ''}`, body, { 'x-idempotency-key': newId() });

/** What is wrong with an announcement, as sentences. */
function flaws(announced: Json, answer: Answer): string[] {
  const { allowed, code, reason } = announced;
  const what = `${announced.href}: ${JSON.stringify(announced)}, but ${answer.status} ${answer.text}`;
  if (allowed) return answer.status < 300 ? [] : [what];
  const same = answer.status === 422 && answer.body.title === code && answer.body.message === reason;
  return same ? [] : [what];
}

describe.each(Object.entries(states))('an exception that is %s', (_name, [team, state]) => {
  it.each(['ana', 'ben', 'cyd', 'dee'] as const)('tells %s what each route would do', async (name) => {
    const by = teams[team];
    const prepared = async () => {
      const of = await state(by, () => raised(by));
      return (await by[name].get(of)).body;
    };
    const first = await prepared();
    expect(Object.keys(first.allowedActions).sort()).toEqual(Object.keys(bodies).sort());
    const found = await inParallel(Object.keys(first.allowedActions), 4, async (path) => {
      const action = first.allowedActions[path];
      const body = bodies[path]!(first, action);
      const problems = flaws(action, await send(by[name], action, body, true));
      // Only what is allowed changes something, so each needs a case of its own.
      if (!action.allowed) return [...problems, ...flaws(action, await send(by[name], action, body))];
      const own = await prepared();
      return [...problems, ...flaws(action, await send(by[name], own.allowedActions[path], body))];
    });
    expect(found.flat()).toEqual([]);
  });
});

describe('allowed actions', () => {
  it('are the routes that change an exception, and no others', async () => {
    const below = (parent: string) =>
      apiRoutes(document)
        .filter(({ method, path }) => method === 'POST' && path.startsWith(`${parent}/`))
        .map(({ path }) => path.slice(parent.length + 1))
        .filter((path) => !path.includes('/'))
        .sort();
    const { ana } = teams.plain;
    const of = await raised(teams.plain);
    const { body } = await ana.get(of);
    expect(Object.keys(body.allowedActions).sort()).toEqual(below('/v1/exceptions/{exceptionId}'));
    const dispute = done(await ana.post(`${of}/disputes`, { category: 'OTHER', description: 'Wrong.' }));
    const { allowedActions } = (await ana.get(`/v1/disputes/${dispute.id}`)).body;
    expect(Object.keys(allowedActions).sort()).toEqual(below('/v1/disputes/{disputeId}'));
  });

  it('name the targets that are connected, and that have it not yet', async () => {
    const targets = async (team: Team, of: string) =>
      (await team.ana.get(of)).body.allowedActions.dispatch.targets;
    expect(await targets(teams.plain, await raised(teams.plain))).toEqual(['MANUAL']);
    const of = await raised(teams.connected);
    expect(await targets(teams.connected, of)).toEqual(['MANUAL', 'JIRA']);
    await give(teams.connected.ana, of, 'dispatch', { targetSystem: 'MANUAL' });
    expect(await targets(teams.connected, of)).toEqual(['JIRA']);
  });

  it('are wrong where one has looked too early: the test would see it', async () => {
    const of = await raised(teams.plain);
    const { ana } = teams.plain;
    const { allowedActions } = (await ana.get(of)).body;
    await give(ana, of, 'resolve', resolution);
    expect(
      flaws(allowedActions.assign, await send(ana, allowedActions.assign, { assignee: 'zoe' })),
    ).toHaveLength(1);
    expect(flaws(allowedActions.approve, await send(ana, allowedActions.approve, undefined))).toHaveLength(1);
  });
});

const disputeWays: Readonly<Record<string, readonly (readonly [path: string, body?: object])[]>> = {
  DRAFT: [],
  OPEN: [['open']],
  PENDING_EVIDENCE: [['open'], ['request-evidence', { note: 'Which?' }]],
  WON: [['open'], ['close', { won: true, resolution: 'Paid.' }]],
  LOST: [['open'], ['close', { won: false, resolution: 'Not paid.' }]],
};
const disputeBodies: Readonly<Record<string, object | undefined>> = {
  open: undefined,
  'request-evidence': { note: 'Which?' },
  evidence: { comment: 'The statement.' },
  close: { won: true, resolution: 'Paid.' },
  reopen: { reason: 'New papers.' },
};

describe.each(Object.entries(disputeWays))('a dispute that is %s', (_name, ways) => {
  it.each([false, true])(
    'tells what each route would do; beside another of its category: %s',
    async (beside) => {
      const { ana } = teams.plain;
      const prepared = async (): Promise<Json> => {
        const of = await raised(teams.plain);
        const opening = { category: 'OTHER', description: 'Wrong.', draft: true };
        const { id } = done(await ana.post(`${of}/disputes`, opening));
        for (const [path, body] of ways) await give(ana, `/v1/disputes/${id}`, path, body);
        if (beside) await ana.post(`${of}/disputes`, opening);
        return (await ana.get(`/v1/disputes/${id}`)).body.allowedActions;
      };
      const found = await inParallel(Object.keys(disputeBodies), 4, async (path) => {
        const { [path]: action } = await prepared();
        const body = disputeBodies[path];
        return [
          ...flaws(action, await send(ana, action, body, true)),
          ...flaws(action, await send(ana, action, body)),
        ];
      });
      expect(found.flat()).toEqual([]);
    },
  );
});
