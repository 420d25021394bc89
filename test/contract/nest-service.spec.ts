import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { root } from '../architecture/support/command';
import {
  asEsModules,
  buildNestService,
  manifestOf,
  nestVersions,
  packPackages,
  send,
  startNestService,
  type Service,
} from '../architecture/support/nest-service';
import { temporaryFolder } from '../architecture/support/packed-library';
import { emptyDatabase, type FreshDatabase } from '../support/database';
import { fakeJiraSettings, startFakeJira, type FakeSystem } from '../support/fake-systems';
import { lookUntil } from '../support/until';

// It compiles and packs, on machines that may have other things to do.
jest.setTimeout(120_000);

const folder = temporaryFolder();
const unknownId = '019c96a0-10ce-75fc-a273-dc799079a99c';
const match = { reason: 'BUSINESS_DECISION', notes: 'Confirmed by phone.' };

let tarballs: readonly string[];
let jira: FakeSystem;

beforeAll(async () => {
  [tarballs, jira] = await Promise.all([packPackages(folder.path), startFakeJira()]);
}, 240_000);

afterAll(async () => {
  await jira.stop();
  folder.remove();
});

describe("another team's service", () => {
  it('names the versions that this repository is tested with', () => {
    const { dependencies, devDependencies } = manifestOf(root);
    const example = manifestOf(path.join(root, 'examples/nest-service'));
    // @nestjs/core and the like: one place decides.
    for (const [name, wanted] of Object.entries({ ...example.dependencies, ...example.devDependencies })) {
      const [, library] = /^@redress\/(.*)/.exec(name) ?? [];
      if (library === undefined)
        expect([name, wanted]).toEqual([name, { ...dependencies, ...devDependencies }[name]]);
      else {
        const { version } = JSON.parse(JSON.stringify(manifestOf(path.join(root, 'libs', library))));
        expect([name, wanted]).toEqual([name, `file:redress-${library}-${version}.tgz`]);
      }
    }
  });
});

describe.each(nestVersions())("another team's service on NestJS $major", (version) => {
  let database: FreshDatabase;
  let built: string;

  beforeAll(async () => {
    [database, built] = await Promise.all([
      emptyDatabase(),
      buildNestService(folder.path, tarballs, version),
    ]);
  });
  afterAll(() => database.drop());

  describe.each(['CommonJS', 'ES modules'])('as %s', (format) => {
    let service: Service;

    const start = () => {
      const { site, apiToken } = fakeJiraSettings(jira);
      const env = { DATABASE_URL: database.url, JIRA_SITE: site, JIRA_TOKEN: apiToken, EGRESS_ALLOW: site };
      return startNestService(built, env);
    };
    const report = () => ({
      transactionId: randomUUID(),
      reason: 'AMOUNT_MISMATCH',
      amount: '150.50',
      currency: 'BRL',
    });
    const post = (place: string, body: unknown, headers: Record<string, string> = {}) =>
      send(`${service.url}/cases${place}`, body, { 'x-user': 'ana', ...headers });
    const historyOf = (id: string) => send(`${service.url}/cases/${id}/history`);
    const raised = async () => (await post('', report())).body;

    beforeAll(async () => {
      if (format === 'ES modules') asEsModules(built);
      service = await start();
    });
    afterAll(() => service.stop());

    it('raises a case', async () => {
      const { status, body } = await post('', report());
      expect(status).toBe(201);
      expect(body).toMatchObject({
        status: 'OPEN',
        version: 1,
        amount: { amount: '150.50', currency: 'BRL' },
      });
    });

    it('force-matches it once', async () => {
      const { id } = await raised();
      const first = await post(`/${id}/force-match`, match);
      expect(first).toMatchObject({
        status: 201,
        body: { status: 'RESOLVED', resolutionReason: match.reason },
      });
      const second = await post(`/${id}/force-match`, match, { 'x-user': 'bo' });
      expect(second).toEqual({
        status: 409,
        body: { problem: 'not_allowed', advice: expect.stringContaining('status is RESOLVED') },
      });
    });

    it('tells the history', async () => {
      const { id } = await raised();
      await post(`/${id}/force-match`, match, { 'x-user': 'bo' });
      const { status, body } = await historyOf(id);
      expect(status).toBe(200);
      expect(body.map(({ version, type, actor }) => [version, type, actor])).toEqual([
        [1, 'exception.raised', 'ana'],
        [2, 'exception.force_matched', 'bo'],
      ]);
    });

    it('answers a repeated key as it did before', async () => {
      const { id } = await raised();
      const key = { 'idempotency-key': randomUUID() };
      const first = await post(`/${id}/force-match`, match, key);
      expect(await post(`/${id}/force-match`, match, key)).toEqual(first);
      const other = await post(`/${id}/force-match`, { ...match, notes: 'Otherwise.' }, key);
      expect(other).toMatchObject({ status: 409, body: { problem: 'idempotency_key_reused' } });
    });

    it('answers what it does not know, or cannot take, in its own way', async () => {
      const { id } = await raised();
      for (const unknown of [unknownId, 'nonsense'])
        expect(await historyOf(unknown)).toMatchObject({ status: 404 });
      for (const body of [{}, null, [], { ...match, notes: 7 }, { ...match, notes: ' ' }]) {
        expect(await post(`/${id}/force-match`, body)).toMatchObject({
          status: 400,
          body: { problem: 'invalid_value' },
        });
      }
      expect(await post('', { ...report(), amount: '0.001' })).toMatchObject({
        status: 409,
        body: { problem: 'amount_precision' },
      });
    });

    it('opens a dispute, which the history tells', async () => {
      const { id } = await raised();
      expect(await post(`/${id}/disputes`, { description: ' ' })).toMatchObject({ status: 400 });
      expect(await post(`/${id}/disputes`, { description: 'Not ours.' })).toMatchObject({
        status: 201,
        body: { exceptionId: id, state: 'OPEN' },
      });
      const types = (await historyOf(id)).body.map(({ type }) => type);
      expect(types).toEqual(['exception.raised', 'dispute.opened']);
    });

    it('lists cases by their status', async () => {
      const [open, closed] = [await raised(), await raised()];
      await post(`/${closed.id}/force-match`, match);
      const listed = async (status: string) =>
        (await send(`${service.url}/cases?status=${status}`)).body.items.map(({ id }) => id);
      expect(await listed('OPEN')).toContain(open.id);
      expect(await listed('OPEN')).not.toContain(closed.id);
      expect(await listed('RESOLVED')).toContain(closed.id);
    });

    it('hands a case over to Jira in the background, once', async () => {
      const { id } = await raised();
      const { body } = await post(`/${id}/jira`, {});
      expect(body).toMatchObject({ status: 'PENDING_RESOLUTION', externalSystem: 'JIRA' });
      const confirmed = await lookUntil(
        async () => (await historyOf(id)).body.map(({ type }) => type),
        (types) => types.includes('dispatch.confirmed'),
      );
      expect(confirmed).toEqual(['exception.raised', 'exception.dispatched', 'dispatch.confirmed']);
      const tickets = (await jira.tickets()).filter(({ description }) => description.includes(id));
      expect(tickets).toHaveLength(1);
    });

    it('keeps its cases when it is started again', async () => {
      const about = report();
      const { body: before } = await post('', about);
      await service.stop();
      service = await start();
      const again = await post('', about, { 'x-user': 'bo' });
      expect(again.body).toMatchObject({ id: before.id, seenCount: 2 });
      const history = await historyOf(before.id);
      expect(history.body.map(({ type }) => type)).toEqual(['exception.raised']);
    });
  });
});
