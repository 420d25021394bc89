import { exceptionLifecycle, nextStatuses, statuses, commands } from '@redress/domain';
import { startTestApp, type Answer, type Json, type Person, type TestApp } from '../support/app';
import { pretendConnections } from '../support/connections';
import { historyFlaws, ownerOf, type Owner } from '../support/owner';
import {
  carryOut,
  jiraSaysDone,
  postingOf,
  raised,
  resolvesNothing,
  ways,
  type Amount,
  type Walk,
  type Way,
  type WayName,
} from '../support/ways-to-resolve';

/*
 * Whatever way one person goes to resolve an exception or to post something: where the policy asks for more than one, it
 * takes them. The verdicts are worked out by hand from docs/approvals.md, and nothing of the program is asked for them.
 */

let service: TestApp;
let owner: Owner;

beforeAll(async () => {
  service = await startTestApp();
  pretendConnections(service);
  owner = ownerOf(service.database.url);
}, 60_000);

afterAll(async () => {
  expect(await historyFlaws(owner)).toEqual([]);
  await owner.end();
  await service.close();
});

const policies = {
  'no policy': [],
  'adjust EUR 10000: 2': [{ command: 'adjust_entry', currency: 'EUR', minimumAmount: '10000', approvers: 2 }],
  'adjust EUR 100: 1, GBP 100: 3': [
    { command: 'adjust_entry', currency: 'EUR', minimumAmount: '100', approvers: 1 },
    { command: 'adjust_entry', currency: 'GBP', minimumAmount: '100', approvers: 3 },
  ],
  'adjust any 500: 1': [{ command: 'adjust_entry', minimumAmount: '500', approvers: 1 }],
  'adjust EUR 100: 1, EUR: 3': [
    { command: 'adjust_entry', currency: 'EUR', minimumAmount: '100', approvers: 1 },
    { command: 'adjust_entry', currency: 'EUR', approvers: 3 },
  ],
  'match EUR 1000: 1': [{ command: 'force_match', currency: 'EUR', minimumAmount: '1000', approvers: 1 }],
  'resolve EUR 1000: 1': [{ command: 'resolve', currency: 'EUR', minimumAmount: '1000', approvers: 1 }],
  'resolve LOW: 1': [{ command: 'resolve', severity: 'LOW', approvers: 1 }],
  'resolve CRITICAL: 1': [{ command: 'resolve', severity: 'CRITICAL', approvers: 1 }],
} as const;
type PolicyName = keyof typeof policies;
type Terms = Readonly<{ rules: readonly object[]; policyChanges?: object }>;

/** `done`: by one person. `asks 2`: it awaits so many approvals. Anything else is the title of a refusal. */
type Verdict = 'done' | 'asks 1' | 'asks 2' | 'asks 3' | 'own_proposal';
type Row = readonly [PolicyName, WayName, amount: Amount, posted: Amount, Verdict];

const nothing = undefined;
const big = 'EUR 1000000';

const table: readonly Row[] = [
  // A small posting does not hide a large break, nor foreign money any of the two.
  ['adjust EUR 10000: 2', 'adjust-entry', big, 'EUR 0.01', 'asks 2'],
  ['adjust EUR 10000: 2', 'adjust-entry', big, 'USD 5000000', 'asks 2'],
  ['adjust EUR 10000: 2', 'adjust-entry', 'EUR 9999.99', 'EUR 9999.99', 'done'],
  ['adjust EUR 10000: 2', 'adjust-entry', 'EUR 9999.99', 'EUR 10000', 'asks 2'],
  ['adjust EUR 10000: 2', 'adjust-entry', 'EUR 10000', 'EUR 1', 'asks 2'],
  ['adjust EUR 10000: 2', 'adjust-entry', 'EUR -10000', 'EUR 1', 'asks 2'],
  ['adjust EUR 10000: 2', 'adjust-entry', 'EUR -9999.99', 'EUR 1', 'done'],
  ['adjust EUR 10000: 2', 'adjust-entry', nothing, 'EUR 9999.99', 'done'],
  ['adjust EUR 10000: 2', 'adjust-entry', nothing, 'EUR 10000.00', 'asks 2'],
  ['adjust EUR 10000: 2', 'adjust-entry', nothing, 'USD 0.01', 'asks 2'],
  ['adjust EUR 10000: 2', 'adjust-entry', 'USD 5', 'EUR 5', 'asks 2'],
  ['adjust EUR 10000: 2', 'adjust-entry', 'EUR 5', 'JPY 1', 'asks 2'],
  ['adjust EUR 10000: 2', 'adjust-entry', 'BHD 0.001', 'EUR 1', 'asks 2'],
  // Several currencies: the strictest of what each amount meets.
  ['adjust EUR 100: 1, GBP 100: 3', 'adjust-entry', 'EUR 50', 'EUR 50', 'done'],
  ['adjust EUR 100: 1, GBP 100: 3', 'adjust-entry', 'EUR 50', 'EUR 100', 'asks 1'],
  ['adjust EUR 100: 1, GBP 100: 3', 'adjust-entry', 'EUR 50', 'GBP 100', 'asks 3'],
  ['adjust EUR 100: 1, GBP 100: 3', 'adjust-entry', 'GBP 100', 'EUR 100', 'asks 3'],
  ['adjust EUR 100: 1, GBP 100: 3', 'adjust-entry', 'GBP 99.99', 'EUR 99.99', 'done'],
  ['adjust EUR 100: 1, GBP 100: 3', 'adjust-entry', 'USD 1', 'EUR 1', 'asks 3'],
  ['adjust EUR 100: 1, GBP 100: 3', 'adjust-entry', 'EUR 100', 'USD 1', 'asks 3'],
  // For each amount the first rule that fits.
  ['adjust EUR 100: 1, EUR: 3', 'adjust-entry', 'EUR 100', 'EUR 100', 'asks 1'],
  ['adjust EUR 100: 1, EUR: 3', 'adjust-entry', 'EUR 100', 'EUR 99', 'asks 3'],
  // Without a currency it is the plain number that counts.
  ['adjust any 500: 1', 'adjust-entry', 'EUR 499.99', 'USD 499.99', 'done'],
  ['adjust any 500: 1', 'adjust-entry', 'EUR 499.99', 'JPY 500', 'asks 1'],
  ['adjust any 500: 1', 'adjust-entry', 'EUR 500', 'USD 1', 'asks 1'],
  // A rule is about one command.
  ['adjust EUR 10000: 2', 'force-match', big, nothing, 'done'],
  ['adjust EUR 10000: 2', 'resolve', big, nothing, 'done'],
  ['no policy', 'adjust-entry', big, big, 'done'],
  // A match: the exception, what it is matched with, and what that leaves.
  ['match EUR 1000: 1', 'force-match', 'EUR 1000', nothing, 'asks 1'],
  ['match EUR 1000: 1', 'force-match', 'EUR 999.99', nothing, 'done'],
  ['match EUR 1000: 1', 'force-match', 'EUR -1000', nothing, 'asks 1'],
  ['match EUR 1000: 1', 'force-match', nothing, nothing, 'asks 1'],
  ['match EUR 1000: 1', 'force-match', 'USD 1', nothing, 'asks 1'],
  ['match EUR 1000: 1', 'force-match', 'EUR 5', 'EUR 1000', 'asks 1'],
  ['match EUR 1000: 1', 'force-match', 'EUR 5', 'EUR -996', 'asks 1'],
  ['match EUR 1000: 1', 'force-match', 'EUR 5', 'EUR 5', 'done'],
  ['match EUR 1000: 1', 'force-match', 'EUR 5', 'USD 5', 'asks 1'],
  // A plain resolution, one or many.
  ['resolve EUR 1000: 1', 'resolve', 'EUR 1000', nothing, 'asks 1'],
  ['resolve EUR 1000: 1', 'resolve', 'EUR 999.99', nothing, 'done'],
  ['resolve EUR 1000: 1', 'resolve', nothing, nothing, 'asks 1'],
  ['resolve EUR 1000: 1', 'resolve', 'GBP 1', nothing, 'asks 1'],
  ['resolve LOW: 1', 'resolve', 'EUR 1', nothing, 'asks 1'],
  ['resolve CRITICAL: 1', 'resolve', big, nothing, 'done'],
  ['resolve EUR 1000: 1', 'bulk resolve', 'EUR 1000', nothing, 'asks 1'],
  ['resolve EUR 1000: 1', 'bulk resolve', 'EUR 999.99', nothing, 'done'],
  ['resolve EUR 1000: 1', 'bulk resolve', nothing, nothing, 'asks 1'],
  ['resolve EUR 1000: 1', 'bulk resolve', 'USD 1', nothing, 'asks 1'],
  ['resolve EUR 1000: 1', 'bulk apply', 'EUR 1000', nothing, 'asks 1'],
  ['resolve EUR 1000: 1', 'bulk apply', 'EUR 999.99', nothing, 'done'],
  ['resolve EUR 1000: 1', 'bulk apply', 'GBP 1', nothing, 'asks 1'],
  // A resolution that an external system reports is a plain resolution, too.
  ['resolve EUR 1000: 1', 'callback', 'EUR 1000', nothing, 'asks 1'],
  ['resolve EUR 1000: 1', 'callback', 'EUR 999.99', nothing, 'done'],
  ['resolve EUR 1000: 1', 'callback', nothing, nothing, 'asks 1'],
  ['resolve EUR 1000: 1', 'callback', 'USD 1', nothing, 'asks 1'],
  ['match EUR 1000: 1', 'callback', big, nothing, 'done'],
  ['no policy', 'callback', big, nothing, 'done'],
  ['resolve EUR 1000: 1', 'callback, once it was taken up', 'EUR 1000', nothing, 'asks 1'],
  ['resolve EUR 1000: 1', 'callback, once it was taken up', 'EUR 999.99', nothing, 'done'],
  ['resolve EUR 1000: 1', 'message of Jira', 'EUR 1000', nothing, 'asks 1'],
  ['resolve EUR 1000: 1', 'message of Jira', 'EUR 999.99', nothing, 'done'],
  ['resolve EUR 1000: 1', 'message of ServiceNow', 'EUR 1000', nothing, 'asks 1'],
  ['resolve EUR 1000: 1', 'message of ServiceNow', 'EUR 999.99', nothing, 'done'],
  ['resolve EUR 1000: 1', 'message of a webhook', 'EUR 1000', nothing, 'asks 1'],
  ['resolve EUR 1000: 1', 'message of a webhook', 'USD 1', nothing, 'asks 1'],
  ['resolve EUR 1000: 1', 'message of a webhook', 'EUR 999.99', nothing, 'done'],
  // A reversal posts as much as the adjustment did.
  ['adjust EUR 10000: 2', 'reversal', big, 'EUR 0.01', 'asks 2'],
  ['adjust EUR 10000: 2', 'reversal', nothing, 'EUR 10000', 'asks 2'],
  ['adjust EUR 10000: 2', 'reversal', nothing, 'EUR 9999.99', 'done'],
  ['adjust EUR 10000: 2', 'reversal', 'EUR 5', 'EUR 5', 'done'],
  ['adjust EUR 10000: 2', 'reversal', 'EUR 5', 'USD 5', 'asks 2'],
  ['adjust EUR 100: 1, GBP 100: 3', 'reversal', 'GBP 100', 'EUR 100', 'asks 3'],
  ['resolve EUR 1000: 1', 'reversal', big, big, 'done'],
  // To a ledger nothing goes before it is approved; what is under way had its approvals, or needed none.
  ['adjust EUR 10000: 2', 'adjust-entry, in a ledger', big, 'EUR 0.01', 'asks 2'],
  ['adjust EUR 10000: 2', 'adjust-entry, in a ledger', 'EUR 5', 'USD 5', 'asks 2'],
  ['adjust EUR 10000: 2', 'adjust-entry, in a ledger', 'EUR 5', 'EUR 5', 'done'],
  ['match EUR 1000: 1', 'force-match, in a ledger', 'EUR 1000', nothing, 'asks 1'],
  ['match EUR 1000: 1', 'force-match, in a ledger', 'EUR 5', nothing, 'done'],
  ['adjust EUR 10000: 2', 'reversal, in a ledger', big, 'EUR 0.01', 'asks 2'],
  ['adjust EUR 10000: 2', 'reversal, in a ledger', 'EUR 5', 'EUR 5', 'done'],
  ['adjust EUR 10000: 2', 'answer by who proposed', big, 'EUR 0.01', 'own_proposal'],
  ['adjust EUR 10000: 2', 'answer by who proposed', 'EUR 5', 'USD 5', 'own_proposal'],
  ['adjust EUR 10000: 2', 'answer by who proposed', 'EUR 5', 'EUR 5', 'done'],
  ['no policy', 'answer by who proposed', big, big, 'done'],
  ['adjust EUR 10000: 2', 'answer by another person', big, 'EUR 0.01', 'done'],
  ['adjust EUR 10000: 2', 'redrive by who proposed', big, 'EUR 0.01', 'done'],
  ['adjust EUR 10000: 2', 'message of the ledger', big, 'EUR 0.01', 'done'],
];

const people = ['ben', 'cyd', 'dee'];
const act = (who: Person, id: string, what: string, body: object = {}): Promise<Answer> =>
  who.post(`/v1/exceptions/${id}/${what}`, body);
const found = async ({ ana }: Walk, id: string): Promise<Json> =>
  (await ana.get(`/v1/exceptions/${id}`)).body;
const rows = async ({ ana }: Walk, id: string): Promise<number> =>
  (await ana.get(`/v1/exceptions/${id}/adjustments`)).body.items.length as number;
const titleOf = ({ status, body }: Answer): string => (status < 300 ? 'ok' : body.title);

/** A tenant of its own, in which one person has gone the way; and the answer. */
async function gone(terms: Terms, name: WayName, amount: Amount, posted: Amount) {
  const way: Way = ways[name];
  const ana = service.person({ actor: 'ana' });
  const walk: Walk = { service, owner, ana, amount, posted };
  const before = await way.before?.(walk);
  const put = await ana.send('PUT', '/v1/approval-policy', { body: terms });
  expect(put.status).toBe(200);
  const id = before ?? (await raised(walk));
  const others = people.map((actor) => service.person({ tenant: ana.tenant, actor }));
  const [wasPosted, postingBefore] = [await rows(walk, id), (await postingOf(walk, id))?.id];
  return { way, walk, id, others, wasPosted, postingBefore, answer: await way.go(walk, id) };
}

/** Whether it has taken effect: it is resolved and waits for nothing or, where that was so before, it was taken back. */
async function isDone({ way, walk, id, wasPosted }: Awaited<ReturnType<typeof gone>>): Promise<boolean> {
  const { status, pending } = await found(walk, id);
  const isResolved = status === 'RESOLVED' && pending === undefined;
  return isResolved && (way.reverses === undefined || (await rows(walk, id)) === wasPosted + 1);
}

async function verdictOf(it: Awaited<ReturnType<typeof gone>>): Promise<string> {
  const { proposal, pending } = await found(it.walk, it.id);
  if (it.answer.status >= 300) return it.answer.body.title;
  if (pending === 'approval') return `asks ${proposal.approvalsNeeded}`;
  return (await isDone(it)) ? 'done' : 'neither done nor asked';
}

describe('one person, alone', () => {
  it.each(table)('%s: %s, of %s, with %s: %s', async (policy, name, amount, posted, verdict) => {
    const it = await gone({ rules: policies[policy] }, name, amount, posted);
    expect(await verdictOf(it)).toBe(verdict);
    const { walk, id, others, way, wasPosted, postingBefore } = it;
    if (!verdict.startsWith('asks')) return;

    // Nothing is posted before; who proposed does not approve; with the last of so many it takes effect, once.
    expect([await rows(walk, id), (await postingOf(walk, id))?.id]).toEqual([wasPosted, postingBefore]);
    if (!way.external) expect(titleOf(await act(walk.ana, id, 'approve'))).toBe('own_proposal');
    const needed = Number(verdict.slice(-1));
    for (const [i, other] of others.slice(0, needed).entries()) {
      expect([await isDone(it), await rows(walk, id)]).toEqual([false, wasPosted]);
      const preview = await act(other, id, 'approve?preview=true');
      const { status, body } = await act(other, id, 'approve');
      expect([preview.status, status]).toEqual([200, 200]);
      expect(body.pending === 'approval').toBe(i + 1 < needed);
    }
    await carryOut(walk, id);
    expect(await isDone(it)).toBe(true);
    expect(titleOf(await act(others[0]!, id, 'approve'))).toBe('not_allowed');
    const isPosting = name.startsWith('adjust') || way.reverses;
    expect(await rows(walk, id)).toBe(wasPosted + (isPosting ? 1 : 0));
  });

  it('is told beforehand what would come of it', async () => {
    const ana = service.person({ actor: 'ana' });
    const walk: Walk = { service, owner, ana, amount: big, posted: 'EUR 0.01' };
    const id = await ways.reversal.before(walk);
    await ana.send('PUT', '/v1/approval-policy', { body: { rules: policies['adjust EUR 10000: 2'] } });
    const { items } = (await ana.get(`/v1/exceptions/${id}/adjustments`)).body;
    const path = `/v1/adjustments/${items[0].id}/reverse`;
    const preview = await ana.post(`${path}?preview=true`, { reason: 'Wrong.' });
    expect([preview.status, preview.body.proposal.command]).toEqual([200, 'reverse']);
    expect((await found(walk, id)).proposal).toBeUndefined();
    const key = { 'x-idempotency-key': 'reverse-once' };
    const first = await ana.post(path, { reason: 'Wrong.' }, key);
    expect((await ana.post(path, { reason: 'Wrong.' }, key)).text).toBe(first.text);
    expect(first.body).toMatchObject({
      id,
      status: 'RESOLVED',
      pending: 'approval',
      proposal: {
        command: 'reverse',
        details: { adjustmentId: items[0].id, amount: '0.01', currency: 'EUR', reason: 'Wrong.' },
        approvalsNeeded: 2,
      },
    });
    expect(titleOf(await ana.post(path, { reason: 'Wrong.' }))).toBe('still_pending');
    const ben = service.person({ tenant: ana.tenant, actor: 'ben' });
    const queue = (await ben.get('/v1/approvals?mine=true&command=reverse')).body.items;
    expect(queue.map((item: Json) => item.id)).toEqual([id]);
  });

  it('may report the same again while it awaits approval, by either road, and changes nothing', async () => {
    for (const name of ['callback', 'message of Jira'] as const) {
      const { walk, id, way, answer } = await gone(
        { rules: policies['resolve EUR 1000: 1'] },
        name,
        'EUR 1000',
        nothing,
      );
      const before = await found(walk, id);
      expect(before.proposal.reportedBy).toBe(name === 'callback' ? 'MANUAL' : 'JIRA');
      expect(answer.status).toBe(200);
      const report = { externalSystem: 'MANUAL', externalIssueId: 'M-1', status: 'RESOLVED' };
      const again =
        name === 'callback'
          ? await walk.ana.post(`/v1/exceptions/${id}/callback`, report, { 'x-idempotency-key': 'again' })
          : await jiraSaysDone(walk, before.externalIssueId);
      expect(again.status).toBe(200);
      expect(await found(walk, id)).toEqual(before);
      expect(way.commands).toEqual(['confirm']);
    }
  });
});

/** Of each way that asks, its first row that does. */
const proposing: readonly Row[] = table.filter(
  ([, name, , , verdict], i) =>
    verdict.startsWith('asks') &&
    table.findIndex((row) => row[1] === name && row[4].startsWith('asks')) === i,
);

/** Each way by the command that its rules are about, and by what comes of it where they ask for more than one person. */
const asked: Readonly<Record<WayName, readonly [Command, 'asks' | 'own_proposal' | 'done']>> = {
  'adjust-entry': ['adjust_entry', 'asks'],
  'force-match': ['force_match', 'asks'],
  resolve: ['resolve', 'asks'],
  'bulk resolve': ['resolve', 'asks'],
  'bulk apply': ['resolve', 'asks'],
  callback: ['resolve', 'asks'],
  'callback, once it was taken up': ['resolve', 'asks'],
  'message of Jira': ['resolve', 'asks'],
  'message of ServiceNow': ['resolve', 'asks'],
  'message of a webhook': ['resolve', 'asks'],
  reversal: ['adjust_entry', 'asks'],
  'adjust-entry, in a ledger': ['adjust_entry', 'asks'],
  'force-match, in a ledger': ['force_match', 'asks'],
  'reversal, in a ledger': ['adjust_entry', 'asks'],
  // What is at the ledger already was proposed while there was no policy.
  'answer by who proposed': ['adjust_entry', 'own_proposal'],
  'answer by another person': ['adjust_entry', 'done'],
  'redrive by who proposed': ['adjust_entry', 'done'],
  'message of the ledger': ['adjust_entry', 'done'],
};
type Command = 'adjust_entry' | 'force_match' | 'resolve';
const another: Readonly<Record<Command, Command>> = {
  adjust_entry: 'force_match',
  force_match: 'resolve',
  resolve: 'adjust_entry',
};

type Rule = Readonly<{ approvers: number; currency?: string; minimumAmount?: string; severity?: string }>;
const eur1000 = (approvers: number): Rule => ({ approvers, currency: 'EUR', minimumAmount: '1000' });

/** The rules, the amount of a break of severity LOW that is adjusted by as much, and how many they ask for. */
const grid: readonly (readonly [string, readonly Rule[], string, 0 | 1 | 2 | 3])[] = [
  ['no rule', [], big, 0],
  ['as much as the rule says', [eur1000(1)], 'EUR 1000', 1],
  ['a cent less', [eur1000(2)], 'EUR 999.99', 0],
  ['as much, the other way round', [eur1000(3)], 'EUR -1000.00', 3],
  ['a cent of foreign money', [eur1000(1)], 'USD 0.01', 1],
  [
    'a named currency, below',
    [eur1000(1), { approvers: 2, currency: 'USD', minimumAmount: '10' }],
    'USD 9.99',
    0,
  ],
  [
    'a named currency, above',
    [eur1000(1), { approvers: 2, currency: 'USD', minimumAmount: '10' }],
    'USD 10',
    2,
  ],
  ['foreign to two rules', [eur1000(1), { approvers: 3, currency: 'GBP', minimumAmount: '9' }], 'CHF 5', 3],
  ['any currency, above', [{ approvers: 2, minimumAmount: '500' }], 'JPY 500', 2],
  ['any currency, below', [{ approvers: 2, minimumAmount: '500' }], 'JPY 499', 0],
  ['its severity', [{ approvers: 1, severity: 'LOW' }], 'EUR 1', 1],
  ['a higher severity', [{ approvers: 3, severity: 'MEDIUM' }], big, 0],
  ['the first of two that fit', [eur1000(1), { approvers: 3, currency: 'EUR' }], 'EUR 1000', 1],
];

describe('every way, under every kind of rule', () => {
  const cases = (Object.keys(ways) as WayName[]).flatMap((name) =>
    grid.map(([what, rules, amount, approvers]) => [name, what, rules, amount, approvers] as const),
  );

  it('are more than two hundred', () => expect(cases.length).toBeGreaterThanOrEqual(200));

  it.each(cases)('%s: %s', async (name, _, rules, amount, approvers) => {
    const [command, outcome] = asked[name];
    const terms = { rules: rules.map((rule) => ({ command, ...rule })) };
    const posted = command === 'adjust_entry' ? amount.replace('-', '') : nothing;
    const it = await gone(terms, name, amount, posted);
    const verdict = approvers === 0 ? 'done' : outcome === 'asks' ? `asks ${approvers}` : outcome;
    expect(await verdictOf(it)).toBe(verdict);
    if (verdict !== 'done') expect(await rows(it.walk, it.id)).toBe(it.wasPosted);
  });

  it.each(Object.keys(ways) as WayName[])('%s: a rule about another command', async (name) => {
    const [command] = asked[name];
    const posted = command === 'adjust_entry' ? 'EUR 5' : nothing;
    const it = await gone({ rules: [{ command: another[command], approvers: 3 }] }, name, 'EUR 5', posted);
    expect(await verdictOf(it)).toBe('done');
  });
});

describe('a proposal, while the policy is emptied', () => {
  const put = ({ ana }: Walk, body: Terms): Promise<Answer> =>
    ana.send('PUT', '/v1/approval-policy', { body });

  it.each(proposing)(
    '%s: %s, of %s, with %s: keeps its rule',
    async (policy, name, amount, posted, verdict) => {
      const it = await gone({ rules: policies[policy] }, name, amount, posted);
      const { walk, id, others, way, wasPosted } = it;
      expect(titleOf(await put(walk, { rules: [] }))).toBe('ok');
      if (!way.external) expect(titleOf(await act(walk.ana, id, 'approve'))).toBe('own_proposal');
      expect([await verdictOf(it), await rows(walk, id)]).toEqual([verdict, wasPosted]);
      for (const other of others.slice(0, Number(verdict.slice(-1))))
        expect(titleOf(await act(other, id, 'approve'))).toBe('ok');
      await carryOut(walk, id);
      expect(await isDone(it)).toBe(true);
    },
  );

  it.each(proposing)(
    '%s: %s, of %s, with %s: is not approved once it went back',
    async (policy, name, amount, posted) => {
      const { walk, id, others, way, wasPosted } = await gone(
        { rules: policies[policy] },
        name,
        amount,
        posted,
      );
      const back = way.external
        ? await act(others[1]!, id, 'reject', { reason: 'No.' })
        : await act(walk.ana, id, 'withdraw');
      expect(titleOf(back)).toBe('ok');
      await put(walk, { rules: [] });
      expect(titleOf(await act(others[0]!, id, 'approve'))).toMatch(/^(not_allowed|nothing_proposed)$/);
      expect(await rows(walk, id)).toBe(wasPosted);
    },
  );

  // An edited export names a version, and what others reported comes once.
  const repeatable = proposing.filter(([, name]) => name !== 'bulk apply' && !('external' in ways[name]));
  const alone = repeatable.filter(([, name]) => !name.startsWith('callback'));

  it.each(alone)(
    '%s: %s, of %s, with %s: is not made again alone',
    async (policy, name, amount, posted, verdict) => {
      const terms = { rules: policies[policy], policyChanges: { approvers: 1 } };
      const it = await gone(terms, name, amount, posted);
      const { walk, id, wasPosted } = it;
      expect(titleOf(await act(walk.ana, id, 'withdraw'))).toBe('ok');
      const emptied = await put(walk, { rules: [] });
      expect([emptied.status, emptied.body.proposed.proposedBy]).toEqual([202, 'ana']);
      expect(titleOf(await it.way.go(walk, id))).toBe('ok');
      expect([await verdictOf(it), await rows(walk, id)]).toEqual([verdict, wasPosted]);
    },
  );
});

describe('a proposal whose time is over, while no alarm rings', () => {
  it('comes of every way that asks', () => {
    expect(proposing.length).toBeGreaterThanOrEqual(13);
  });

  const endsIn = (id: string, seconds: number) =>
    owner.rows(
      `UPDATE exception SET proposal =
         jsonb_set(proposal::jsonb, '{expiresAt}', to_jsonb(to_char(now() + $2 * interval '1 second', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))::json
       WHERE id = $1`,
      [id, seconds],
    );

  it.each(proposing)('%s: %s, of %s, with %s: is not approved', async (policy, name, amount, posted) => {
    const { walk, id, others, way, wasPosted } = await gone(
      { rules: policies[policy] },
      name,
      amount,
      posted,
    );
    const [ben, cyd] = others as [Person, Person];
    await endsIn(id, 3600);
    expect(titleOf(await act(ben, id, 'approve?preview=true'))).toBe('ok');
    await endsIn(id, -1);
    const before = await found(walk, id);
    for (const who of [ben, cyd]) {
      const late = await act(who, id, 'approve');
      const { expiresAt } = before.proposal;
      expect([late.status, late.body.title, late.body.details]).toEqual([
        422,
        'proposal_expired',
        { expiresAt },
      ]);
      expect(titleOf(await act(who, id, 'approve?preview=true'))).toBe('proposal_expired');
    }
    const { allowedActions, ...now } = (await ben.get(`/v1/exceptions/${id}`)).body;
    expect(allowedActions.approve).toMatchObject({ allowed: false, code: 'proposal_expired' });
    expect(now).toEqual({ ...before, allowedActions: undefined });
    expect(await rows(walk, id)).toBe(wasPosted);

    // A person with the permission can still take it off the queue.
    const [who, what, body] = way.external
      ? ([ben, 'reject', { reason: 'Too late.' }] as const)
      : ([walk.ana, 'withdraw', {}] as const);
    const { body: back } = await act(who, id, what, body);
    expect([back.pending, back.status === 'RESOLVED']).toEqual([undefined, way.reverses === true]);
  });
});

describe('the ways that are walked here', () => {
  const walked = Object.values(ways) as readonly Way[];

  it('are all there are: each operation that changes something is one, or resolves nothing', async () => {
    const { paths } = (await service.send('GET', '/openapi.json')).body as {
      paths: Record<string, Record<string, { operationId: string }>>;
    };
    const changing = Object.values(paths).flatMap((methods) =>
      Object.entries(methods).flatMap(([method, { operationId }]) => (method === 'get' ? [] : [operationId])),
    );
    const known = [...new Set(walked.map(({ operation }) => operation)), ...Object.keys(resolvesNothing)];
    expect([...changing].sort()).toEqual([...known].sort());
  });

  it('are all there are: each command that the lifecycle lets lead to RESOLVED is on one', () => {
    const resolving = commands(exceptionLifecycle).filter((command) =>
      statuses(exceptionLifecycle).some((status) =>
        nextStatuses(exceptionLifecycle, status, command).includes('RESOLVED'),
      ),
    );
    const known = new Set(walked.flatMap(({ commands: on }) => on));
    // A reversal resolves nothing, and posts.
    known.delete('reverse');
    expect([...known].sort()).toEqual([...resolving].sort());
  });

  it('are each in the table', () => {
    expect([...new Set(table.map(([, name]) => name))].sort()).toEqual(Object.keys(ways).sort());
    expect(table.length).toBeGreaterThanOrEqual(60);
  });
});
