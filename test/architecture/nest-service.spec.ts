import path from 'node:path';
import { root } from './support/command';
import { buildNestService, manifestOf, send, startNestService, type Service } from './support/nest-service';
import { temporaryFolder } from './support/packed-library';

const folder = temporaryFolder();
const transactionId = '019c96a0-10ce-75fc-a273-dc799079a99c';
const report = { transactionId, reason: 'AMOUNT_MISMATCH', amount: '150.50', currency: 'BRL' };
const match = { reason: 'BUSINESS_DECISION', notes: 'Confirmed by phone.' };

let service: Service;
let stop = async (): Promise<void> => undefined;

beforeAll(async () => {
  service = await startNestService(await buildNestService(folder.path));
  stop = service.stop;
}, 60_000);

afterAll(async () => {
  await stop();
  folder.remove();
});

const post = (place: string, body: unknown, headers: Record<string, string> = {}) =>
  send(`${service.url}/cases${place}`, body, { 'x-user': 'ana', ...headers });
const raised = async () => (await post('', { ...report, reason: expect.getState().currentTestName })).body;

describe("another team's service", () => {
  it('raises a case', async () => {
    const { status, body } = await post('', report);
    expect(status).toBe(201);
    expect(body).toMatchObject({ status: 'OPEN', version: 1, amount: { amount: '150.50', currency: 'BRL' } });
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
    const { status, body } = await send(`${service.url}/cases/${id}/history`);
    expect(status).toBe(200);
    expect(body.map(({ version, type, actor }) => [version, type, actor])).toEqual([
      [1, 'exception.raised', 'ana'],
      [2, 'exception.force_matched', 'bo'],
    ]);
  });

  it('answers a repeated key as it did before', async () => {
    const { id } = await raised();
    const key = { 'idempotency-key': 'k1' };
    const first = await post(`/${id}/force-match`, match, key);
    expect(await post(`/${id}/force-match`, match, key)).toEqual(first);
    const other = await post(`/${id}/force-match`, { ...match, notes: 'Otherwise.' }, key);
    expect(other).toMatchObject({ status: 409, body: { problem: 'idempotency_key_reused' } });
  });

  it('answers what it does not know, or cannot take, in its own way', async () => {
    const { id } = await raised();
    expect(await send(`${service.url}/cases/${transactionId}/history`)).toMatchObject({ status: 404 });
    for (const body of [{}, null, [], { ...match, notes: 7 }, { ...match, notes: ' ' }]) {
      expect(await post(`/${id}/force-match`, body)).toMatchObject({
        status: 400,
        body: { problem: 'invalid_value' },
      });
    }
    expect(await post('', { ...report, amount: '0.001' })).toMatchObject({
      status: 409,
      body: { problem: 'amount_precision' },
    });
  });

  it('names the versions that this repository is tested with', () => {
    const { dependencies, devDependencies } = manifestOf(root);
    const example = manifestOf(path.join(root, 'examples/nest-service'));
    const { '@redress/domain': library, ...others } = { ...example.dependencies, ...example.devDependencies };
    const { version } = JSON.parse(JSON.stringify(manifestOf(path.join(root, 'libs/domain'))));
    expect(library).toBe(`file:redress-domain-${version}.tgz`);
    // @nestjs/core and the like: one place decides.
    for (const [name, wanted] of Object.entries(others)) {
      expect([name, wanted]).toEqual([name, { ...dependencies, ...devDependencies }[name]]);
    }
  });
});
