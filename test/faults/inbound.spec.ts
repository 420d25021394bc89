import { randomUUID } from 'node:crypto';
import { Connectors, type Connector, type Ledger } from '@redress/connectors';
import type { SendResult } from '@redress/domain';
import { startTestApp, type Answer, type Person, type TestApp } from '../support/app';
import { badCallbacks } from '../support/bad-callbacks';
import { targets, type Form, type Party, type Scene, type Target } from '../support/callback-forms';
import { connect } from '../support/connections';
import { sendBytes } from '../support/http-client';
import { deliver, eventOf, headersOf, pathOf } from '../support/inbound';
import { takeNaively } from '../support/naive-inbound';
import { ownerOf, type Owner } from '../support/owner';
import { onlooker, type Onlooker } from '../support/snapshot';

/*
 * What is bad about a callback in whatever way changes nothing: nothing at all when it is not authentic, and nothing
 * but the list of messages when it is.
 */

let service: TestApp;
let database: Onlooker;
let owner: Owner;
let them: Readonly<Record<Target, Party>>;
let tickets = 0;
const thinking: Ledger = {
  post: async () => ({ outcome: 'accepted', problem: 'It will answer.' }),
  test: async () => ({ ok: true, detail: 'It is there.' }),
};
let lost = false;

beforeAll(async () => {
  service = await startTestApp();
  database = await onlooker(service.database.url);
  owner = ownerOf(service.database.url);
  // Nothing leaves this process: every ticket is made at once, unless the answer is lost; ledgers take their time.
  jest.spyOn(service.app.get(Connectors), 'for').mockImplementation(({ target }) =>
    target === 'LEDGER'
      ? thinking
      : ({
          createTicket: async (): Promise<SendResult> =>
            lost
              ? { outcome: 'unknown', problem: 'The connection broke.' }
              : { outcome: 'created', reference: `OPS-${++tickets}` },
        } as unknown as Connector),
  );
  const made = await Promise.all(targets.map(async (target) => [target, await party(target)] as const));
  them = Object.fromEntries(made) as typeof them;
}, 60_000);
afterAll(async () => {
  await owner.end();
  await database.close();
  await service.close();
});

async function done(answer: Promise<Answer>): Promise<Answer['body']> {
  const { status, text, body } = await answer;
  if (status >= 300) throw new Error(text);
  return body;
}

const settings: Readonly<Record<Target, object>> = {
  JIRA: { site: 'https://acme.atlassian.net', email: 'a@acme.example', project: 'OPS', apiToken: 'a-token' },
  SERVICENOW: { instance: 'https://acme.service-now.com', username: 'redress', password: 'a password' },
  WEBHOOK: { url: 'https://hooks.acme.example/redress' },
  LEDGER: { url: 'https://ledger.acme.example/redress' },
};
const put = (person: Person, target: Target, over: object = {}) =>
  connect(person, target, { ...settings[target], ...over });
const adjust = (person: Person, id: string) =>
  done(
    person.post(`/v1/exceptions/${id}/adjust-entry`, {
      ...{ reasonCode: 'BANK_FEE', notes: 'Bank fee', amount: 1, currency: 'BRL', direction: 'DEBIT' },
      effectiveAt: '2026-01-02T03:04:05.678Z',
    }),
  );
const handOver = (person: Person, id: string, targetSystem: Target) =>
  done(person.post(`/v1/exceptions/${id}/dispatch`, { targetSystem }));

async function party(target: Target): Promise<Party> {
  const person = service.person();
  const { id, inboundSecret: secret } = await put(person, target);
  const { id: exceptionId } = await person.raise();
  const handed = target === 'LEDGER' ? adjust(person, exceptionId) : handOver(person, exceptionId, target);
  const { externalReference } = await handed;
  const [dispatch] = (await person.get(`/v1/exceptions/${exceptionId}/dispatches`)).body.items;
  // A posting goes by its own id.
  const reference = externalReference ?? dispatch.id;
  return { person, connection: { id, secret }, exceptionId, dispatchId: dispatch.id, reference };
}

async function sceneFor(target: Target): Promise<Scene> {
  const us = await party(target);
  const { person, exceptionId } = us;
  return {
    ...us,
    target,
    them: them[target],
    put: (over) => put(person, target, over),
    tell: async (delivery) => {
      expect(await done(deliver(service, delivery))).toEqual({
        status: expect.stringMatching(/applied|recorded/),
      });
    },
    act: async (command, body = {}) => {
      lost = command === 'dispatch';
      if (lost) await handOver(person, exceptionId, target);
      else await done(person.post(`/v1/exceptions/${exceptionId}/${command}`, body));
      lost = false;
    },
  };
}

const attempts = badCallbacks.flatMap((form) => form.targets.map((target) => ({ form, target })));

const withoutMessages = ({ inbound_message: _log, ...others }: Record<string, string>) => others;

/** What was answered, and which tables are not as they were. */
async function attempt({ before, bad }: Form, target: Target) {
  const scene = await sceneFor(target);
  await before?.(scene);
  const earlier = await database.look();
  const answer = await deliver(service, bad(scene));
  const later = await database.look();
  const messages = await owner.rows(
    'SELECT outcome FROM inbound_message WHERE tenant_id = $1 ORDER BY id DESC',
    [scene.person.tenant],
  );
  return { earlier, later, answer, messages };
}

describe('a bad callback', () => {
  it('can be bad in many ways', () => {
    expect(new Set(badCallbacks.map(({ name, targets: [target] }) => `${name} ${target}`)).size).toBe(
      badCallbacks.length,
    );
    expect(badCallbacks.length).toBeGreaterThanOrEqual(60);
    expect(attempts.length).toBeGreaterThanOrEqual(200);
    for (const target of targets)
      expect(attempts.filter((one) => one.target === target).length).toBeGreaterThanOrEqual(60);
  });

  it.each(attempts.map((one) => [one.target, one.form.name, one] as const))(
    'of %s changes nothing: %s',
    async (_target, _name, { form, target }) => {
      const { earlier, later, answer, messages } = await attempt(form, target);
      if (typeof form.answer === 'number') {
        expect(answer.status).toBe(form.answer);
        expect(later).toEqual(earlier);
        return;
      }
      expect([answer.status, answer.body]).toEqual([200, { status: form.answer }]);
      expect(withoutMessages(later)).toEqual(withoutMessages(earlier));
      if (form.answer === 'duplicate') expect(later).toEqual(earlier);
      else expect(messages[0]).toEqual({ outcome: form.answer });
    },
  );

  it('is refused alike, whatever is wrong', async () => {
    const refusals = new Set<string>();
    for (const form of badCallbacks.filter(({ answer }) => answer === 401).slice(0, 30)) {
      const { answer } = await attempt(form, form.targets[0]!);
      refusals.add(JSON.stringify([answer.status, answer.text, answer.headers['www-authenticate']]));
    }
    expect([...refusals]).toHaveLength(1);
  }, 60_000);

  it('is bad when a header comes twice, as only bytes on a line can have it', async () => {
    await service.app.listen(0, '127.0.0.1');
    const url = await service.app.getUrl();
    for (const target of targets) {
      const scene = await sceneFor(target);
      const body = JSON.stringify(eventOf(target, { reference: scene.reference, stage: 'done' }));
      const good = headersOf(target, scene.connection.secret, body, { id: randomUUID() });
      const names = Object.keys(good).filter((name) => name !== 'content-type');
      for (const twice of names) {
        const lines = [...Object.entries(good), [twice, good[twice]!]].map(([n, v]) => `${n}: ${v}\r\n`);
        const head = `POST ${pathOf(target, scene.connection.id)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n`;
        const length = `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
        const earlier = await database.look();
        const { status } = await sendBytes(url, `${head}${lines.join('')}${length}${body}`);
        expect([target, twice, status]).toEqual([target, twice, 401]);
        expect(await database.look()).toEqual(earlier);
      }
    }
  });
});

describe('a handler that takes callbacks at their word', () => {
  it('would have done something about every one that is not harmless', async () => {
    const unnoticed: string[] = [];
    for (const { form, target } of attempts) {
      const scene = await sceneFor(target);
      await form.before?.(scene);
      const earlier = await database.look();
      await takeNaively(service, owner, form.bad(scene));
      const changed = JSON.stringify(await database.look()) !== JSON.stringify(earlier);
      if (changed === (form.harmless === true)) unnoticed.push(`${target}: ${form.name}`);
      // What it did to them must not keep it from doing it again.
      them = { ...them, [target]: await party(target) };
    }
    expect(unnoticed).toEqual([]);
  }, 240_000);
});
