import { startTestApp, type Person, type TestApp } from '../support/app';
import { aDeadDispatch } from '../support/dead-dispatch';

let service: TestApp;
let ana: Person;

beforeAll(async () => {
  service = await startTestApp();
  ana = service.person();
});
afterAll(() => service.close());

const answer = (dispatchId: string, body: object, headers = {}) =>
  ana.post(`/v1/dispatches/${dispatchId}/answer`, body, headers);
const statusOf = async (exceptionId: string) => (await ana.get(`/v1/exceptions/${exceptionId}`)).body;

describe('a dead dispatch, of which a person says', () => {
  it('that it arrived, is confirmed, once for each key', async () => {
    const { dispatchId, exceptionId } = await aDeadDispatch(service, ana);
    const body = { arrived: true, reference: 'L-7' };
    const key = { 'idempotency-key': 'seen-there' };
    const first = await answer(dispatchId, body, key);
    const again = await answer(dispatchId, body, key);
    expect([first.status, first.body.state, first.body.externalReference]).toEqual([200, 'CONFIRMED', 'L-7']);
    expect([again.text, again.headers['x-idempotency-replayed']]).toEqual([first.text, 'true']);
    expect(await statusOf(exceptionId)).toMatchObject({ externalIssueId: 'L-7', pending: 'external' });
  });

  it('that it did not arrive, gives its exception back with the reason', async () => {
    const { dispatchId, exceptionId } = await aDeadDispatch(service, ana);
    const body = { arrived: false, reason: 'They closed that project.' };
    expect((await answer(dispatchId, body)).body).toMatchObject({ state: 'FAILED', lastError: body.reason });
    expect(await statusOf(exceptionId)).toMatchObject({ status: 'OPEN' });
    const history = await ana.get(`/v1/exceptions/${exceptionId}/history`);
    expect(history.body.items.map(({ type }: { type: string }) => type)).toEqual([
      'exception.raised',
      'exception.dispatched',
      'dispatch.failed',
      'exception.returned',
    ]);
    const late = await answer(dispatchId, body);
    expect([late.status, late.body.title]).toEqual([422, 'not_allowed']);
  });

  it.each([
    ['reference', { arrived: true }],
    ['reason', { arrived: false }],
    ['reason', { arrived: true, reference: 'L-7', reason: 'It was late.' }],
  ])('too little or too much, is told which: %s', async (field, body) => {
    const { dispatchId } = await aDeadDispatch(service, ana);
    const refused = await answer(dispatchId, body);
    expect([refused.status, Object.keys(refused.body.details.fields)]).toEqual([400, [field]]);
  });
});
