import { readFileSync } from 'node:fs';
import path from 'node:path';
import { newId } from '../../apps/api/src/ids';
import { startTestApp, type Answer, type Json, type Person, type TestApp } from '../support/app';

/**
 * Gives every command to an exception or a dispute in every state that requests can bring it to, and looks whether
 * what happens is what the pictures in `docs/lifecycles.md` say. They are read here, and nothing of the program is.
 */
type Table = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

function tables(): Table[] {
  const text = readFileSync(path.join(__dirname, '../../docs/lifecycles.md'), 'utf8');
  return [...text.matchAll(/```mermaid\n([\s\S]*?)```/g)].map(([, picture = '']) => {
    const table: Record<string, Record<string, string[]>> = {};
    for (const [, from = '', to = '', command] of picture.matchAll(/^ +(\S+) --> ([^\s:]+)(?:: (\w+))?$/gm)) {
      if (from !== '[*]') table[from] ??= {};
      if (command !== undefined) ((table[from] ??= {})[command] ??= []).push(to);
    }
    return table;
  });
}

const [exceptions = {}, disputes = {}] = tables();
const commandsOf = (table: Table): string[] => [...new Set(Object.values(table).flatMap(Object.keys))];

let service: TestApp;
let ana: Person;

beforeAll(async () => {
  service = await startTestApp();
  ana = service.person();
}, 60_000);

afterAll(() => service.close());

const done = (answer: Answer): Json => {
  if (answer.status >= 300) throw new Error(answer.text);
  return answer.body;
};

/** What has no route of its own is what a callback says. */
type Given = Readonly<{ command: string; path: string; body?: object; headers?: Record<string, string> }>;

const callback = (command: string, status: string, more: object = {}): Given => ({
  command,
  path: 'callback',
  body: { externalSystem: 'MANUAL', externalIssueId: 'DESK-1', status, ...more },
});

const adjustment = {
  ...{ amount: '1.50', currency: 'BRL', effectiveAt: '2026-03-02T08:00:00Z' },
  ...{ reasonCode: 'FEE_ADJUSTMENT', notes: 'Correcting the fee.' },
};

const withFields: Readonly<Record<string, Given>> = {
  assign: { command: 'assign', path: 'assign', body: { assignee: 'cy@example.com' } },
  force_match: {
    ...{ command: 'force_match', path: 'force-match' },
    body: { overrideReason: 'BUSINESS_DECISION', notes: 'Seen by finance.' },
  },
  adjust_entry: { command: 'adjust_entry', path: 'adjust-entry', body: adjustment },
  resolve: { command: 'resolve', path: 'resolve', body: { resolution: 'ACCEPTED' } },
  dispatch: { command: 'dispatch', path: 'dispatch', body: { targetSystem: 'MANUAL' } },
  recall: { command: 'recall', path: 'recall', body: { reason: 'Solved by ourselves.' } },
};

/** A command that has no fields is sent by its name. */
const toExceptions: Readonly<Record<string, Given>> = Object.fromEntries(
  commandsOf(exceptions)
    .filter((command) => !['propose', 'confirm', 'return'].includes(command))
    .map((command) => [command, withFields[command] ?? { command, path: command.replaceAll('_', '-') }]),
);

const reports: readonly Given[] = [
  callback('confirm', 'RESOLVED'),
  callback('return', 'OPEN'),
  callback('return', 'ASSIGNED', { assignee: 'dee@example.com' }),
];

const give = (of: string, { path: route, body }: Given, headers: Record<string, string> = {}) =>
  ana.post(`${of}/${route}`, body, {
    ...headers,
    ...(route === 'callback' && { 'x-idempotency-key': newId() }),
  });

/** Ways to every status and wait; what an exception has gone through is not forgotten in the next. */
const ways: Readonly<Record<string, readonly Given[]>> = {
  OPEN: [],
  'OPEN, let go of': [toExceptions['assign']!, toExceptions['unassign']!],
  'OPEN, recalled': [toExceptions['dispatch']!, toExceptions['recall']!],
  'OPEN, given back from outside': [toExceptions['dispatch']!, callback('return', 'OPEN')],
  ASSIGNED: [{ ...toExceptions['assign']!, body: { assignee: 'bo@example.com' } }],
  'ASSIGNED, recalled': [
    { ...toExceptions['assign']!, body: { assignee: 'bo@example.com' } },
    toExceptions['dispatch']!,
    toExceptions['recall']!,
  ],
  'ASSIGNED, taken up outside': [
    toExceptions['dispatch']!,
    callback('return', 'ASSIGNED', { assignee: 'dee@example.com' }),
  ],
  PENDING_RESOLUTION: [toExceptions['dispatch']!],
  'PENDING_RESOLUTION, with an assignee': [
    { ...toExceptions['assign']!, body: { assignee: 'bo@example.com' } },
    toExceptions['dispatch']!,
  ],
  'RESOLVED by a match': [toExceptions['force_match']!],
  'RESOLVED by an adjustment': [toExceptions['adjust_entry']!],
  'RESOLVED plainly': [toExceptions['resolve']!],
  'RESOLVED while outside': [toExceptions['dispatch']!, toExceptions['resolve']!],
  'RESOLVED outside': [toExceptions['dispatch']!, callback('confirm', 'RESOLVED')],
  'RESOLVED outside by whoever took it up': [
    toExceptions['dispatch']!,
    callback('return', 'ASSIGNED', { assignee: 'dee@example.com' }),
    callback('resolve', 'RESOLVED'),
  ],
};

const statusOf = (way: string): string => /^\w+/.exec(way)![0];

const happened: Readonly<Record<string, string>> = {
  ...{ assign: 'assigned', unassign: 'unassigned', force_match: 'force_matched', resolve: 'resolved' },
  ...{ adjust_entry: 'entry_adjusted', dispatch: 'dispatched', recall: 'recalled' },
  ...{ confirm: 'confirmed', return: 'returned' },
};

/** The event of a command with a regular name: acknowledge → acknowledged. */
const past = (command: string): string => `${command.replace(/e$/, '')}ed`;

async function prepared(way: string) {
  const { id } = await ana.raise();
  const of = `/v1/exceptions/${id}`;
  for (const step of ways[way]!) done(await give(of, step));
  const before = await ana.get(of);
  expect(before.body.status).toBe(statusOf(way));
  return { of, before, history: await ana.get(`${of}/history?limit=200`) };
}

describe('the pictures', () => {
  it('tell of every status and command', () => {
    expect(Object.keys(exceptions)).toEqual(['OPEN', 'ASSIGNED', 'PENDING_RESOLUTION', 'RESOLVED']);
    expect(Object.keys(disputes).sort()).toEqual(['DRAFT', 'LOST', 'OPEN', 'PENDING_EVIDENCE', 'WON']);
    expect(commandsOf(exceptions).sort()).toEqual(
      expect.arrayContaining([...Object.keys(withFields), 'unassign', 'propose', 'confirm', 'return']),
    );
    expect(new Set(Object.keys(ways).map(statusOf))).toEqual(new Set(Object.keys(exceptions)));
  });
});

describe.each(Object.keys(ways))('an exception that is %s', (way) => {
  const moves = exceptions[statusOf(way)]!;

  it.each(Object.values(toExceptions))('does with $command what the picture says', async (given) => {
    const { command } = given;
    const { of, before, history } = await prepared(way);
    const announced = before.body.allowedActions[given.path];
    const next = moves[command] ?? [];
    // The picture says nothing of targets: a dispatch to the target that has it already is refused.
    const repeated = command === 'dispatch' && before.body.externalSystem === 'MANUAL';
    const answer = await give(of, given, { 'if-match': before.headers['etag']! });
    const after = await ana.get(of);
    const historyAfter = (await ana.get(`${of}/history?limit=200`)).body.items;

    expect(announced.allowed).toBe(next.length > 0 && !repeated);
    if (next.length === 0 || repeated) {
      expect([answer.status, answer.body.title]).toEqual([
        422,
        next.length ? 'already_dispatched' : 'not_allowed',
      ]);
      if (next.length === 0) {
        expect(announced).toMatchObject({
          ...{ allowed: false, code: answer.body.title, reason: answer.body.message },
        });
        expect(answer.body.details).toEqual({
          ...{ command, status: statusOf(way) },
          allowed: Object.keys(moves),
        });
      }
      expect(after.text).toBe(before.text);
      expect(historyAfter).toEqual(history.body.items);
      return;
    }
    expect([answer.status, next]).toEqual([200, expect.arrayContaining([after.body.status])]);
    if (command === 'recall') expect(after.body.status).toBe(before.body.assignedTo ? 'ASSIGNED' : 'OPEN');
    expect(after.body.version).toBe(before.body.version + 1);
    expect(answer.headers['etag']).toBe(after.headers['etag']);
    const { allowedActions: _possible, ...representation } = after.body;
    if (command !== 'dispatch') expect(answer.body).toEqual(representation);
    expect(historyAfter.slice(0, -1)).toEqual(history.body.items);
    expect(historyAfter.at(-1)).toMatchObject({
      ...{
        type: `exception.${happened[command] ?? past(command)}`,
        version: after.body.version,
        actor: ana.actor,
      },
    });
  });

  it.each(reports)('hears that $command of outside as the picture says', async (given) => {
    const { of, before, history } = await prepared(way);
    const answer = await give(of, given);
    const after = await ana.get(of);
    const historyAfter = (await ana.get(`${of}/history?limit=200`)).body.items;
    if (before.body.externalSystem !== 'MANUAL') {
      expect([answer.status, answer.body.title]).toEqual([422, 'callback_mismatch']);
      expect(after.text).toBe(before.text);
      expect(historyAfter).toEqual(history.body.items);
      return;
    }
    const { status: said } = given.body as { status: string };
    // Once it was taken up, the report stands for another command, or for an assignment to another person.
    const waits = before.body.status === 'PENDING_RESOLUTION';
    const intended = waits
      ? given.command
      : { RESOLVED: 'resolve', ASSIGNED: 'assign', OPEN: 'return' }[said]!;
    const next = moves[intended] ?? [];
    const again = intended === 'assign' && before.body.assignedTo === 'dee@example.com';
    if (next.length === 0 || again) {
      expect([answer.status, answer.body.title]).toEqual([
        422,
        next.length ? 'already_assigned' : 'not_allowed',
      ]);
      expect(after.text).toBe(before.text);
      expect(historyAfter).toEqual(history.body.items);
      return;
    }
    expect([answer.status, answer.body]).toEqual([200, { status: 'accepted' }]);
    expect(next).toContain(after.body.status);
    if (said === 'ASSIGNED') expect(after.body.assignedTo).toBe('dee@example.com');
    if (said === 'OPEN') expect(after.body.status).toBe(before.body.assignedTo ? 'ASSIGNED' : 'OPEN');
    if (said === 'RESOLVED') expect(after.body.status).toBe('RESOLVED');
    expect(historyAfter.slice(0, -1)).toEqual(history.body.items);
    expect(historyAfter.at(-1)).toMatchObject({ type: `exception.${happened[intended]}` });
    expect(historyAfter.at(-1).data.callback).toMatchObject(given.body!);
  });

  it('announces the routes that there are, and which of them the picture has', async () => {
    const { of, before } = await prepared(way);
    const announced = Object.entries<Json>(before.body.allowedActions);
    const decisions = ['approve', 'reject', 'withdraw', 'callback', 'comments', 'disputes'];
    const routes = Object.values(toExceptions).map(({ path }) => path);
    expect(announced.map(([path]) => path).sort()).toEqual([...routes, ...decisions].sort());
    for (const [path, action] of announced)
      expect(action).toMatchObject({ method: 'POST', href: `${of}/${path}` });
    for (const { command, path } of Object.values(toExceptions).filter(({ path }) => path !== 'dispatch'))
      expect([command, before.body.allowedActions[path].allowed]).toEqual([
        command,
        moves[command] !== undefined,
      ]);
  });
});

const toDisputes: Readonly<Record<string, Given>> = {
  open: { command: 'open', path: 'open' },
  request_evidence: { command: 'request_evidence', path: 'request-evidence', body: { note: 'Please.' } },
  submit_evidence: { command: 'submit_evidence', path: 'evidence', body: { comment: 'Bank statement.' } },
  win: { command: 'win', path: 'close', body: { won: true, resolution: 'The bank paid.' } },
  lose: { command: 'lose', path: 'close', body: { won: false, resolution: 'The bank was right.' } },
  reopen: { command: 'reopen', path: 'reopen', body: { reason: 'New papers.' } },
};

const disputeWays: Readonly<Record<string, readonly string[]>> = {
  DRAFT: [],
  OPEN: [],
  'OPEN, put forward': ['open'],
  'OPEN, with evidence': ['request_evidence', 'submit_evidence'],
  'OPEN once more': ['lose', 'reopen'],
  PENDING_EVIDENCE: ['request_evidence'],
  WON: ['win'],
  'WON without the evidence': ['request_evidence', 'win'],
  LOST: ['lose'],
  'LOST without the evidence': ['request_evidence', 'lose'],
  'LOST once more': ['lose', 'reopen', 'lose'],
};

describe.each(Object.keys(disputeWays))('a dispute that is %s', (way) => {
  it.each(Object.values(toDisputes))('does with $command what the picture says', async (given) => {
    const moves = disputes[statusOf(way)]!;
    const { command } = given;
    const { id: exceptionId } = await ana.raise();
    const opening = { category: 'OTHER', description: 'Wrong.', draft: /^DRAFT|forward/.test(way) };
    const { id } = done(await ana.post(`/v1/exceptions/${exceptionId}/disputes`, opening));
    const of = `/v1/disputes/${id}`;
    for (const step of disputeWays[way]!) done(await give(of, toDisputes[step]!));
    const before = await ana.get(of);
    expect(before.body.state).toBe(statusOf(way));
    const history = async () => (await ana.get(`/v1/exceptions/${exceptionId}/history?limit=200`)).body.items;
    const historyBefore = await history();

    const answer = await give(of, given, { 'if-match': before.headers['etag']! });
    const after = await ana.get(of);
    const historyAfter = await history();
    const [next] = moves[command] ?? [];
    if (next === undefined) {
      expect([answer.status, answer.body.title]).toEqual([422, 'not_allowed']);
      expect(answer.body.details).toEqual({ command, status: statusOf(way), allowed: Object.keys(moves) });
      expect(after.text).toBe(before.text);
      expect(historyAfter).toEqual(historyBefore);
      return;
    }
    const { allowedActions: _possible, ...representation } = after.body;
    expect([answer.status, answer.body]).toEqual([200, representation]);
    expect(after.body).toMatchObject({ state: next, version: before.body.version + 1 });
    expect(after.body.evidence).toHaveLength(
      before.body.evidence.length + Number(command === 'submit_evidence'),
    );
    const { resolution, reason } = (given.body ?? {}) as { resolution?: string; reason?: string };
    expect(after.body.resolution).toBe(resolution);
    if (reason !== undefined) expect(after.body.reopenReason).toBe(reason);
    expect(historyAfter.slice(0, -1)).toEqual(historyBefore);
    expect(historyAfter.at(-1)).toMatchObject({
      disputeId: id,
      version: after.body.version,
      actor: ana.actor,
    });
  });
});
