import { newId } from '../../apps/api/src/ids';
import { startTestApp, type Answer, type Person, type TestApp } from '../support/app';

let service: TestApp;
let ana: Person;

beforeAll(async () => {
  service = await startTestApp({ FORCE_MATCH_TOLERANCE: 'EUR=0.05,*=0' });
  ana = service.person();
}, 60_000);

afterAll(() => service.close());

const why = { overrideReason: 'BUSINESS_DECISION', notes: 'One payment for two invoices.' };
const counterpart = (amount: unknown, over: object = {}) => ({
  source: 'ledger',
  transactionId: newId(),
  amount,
  currency: 'EUR',
  ...over,
});

const match = (id: string, body: object, headers?: Record<string, string>, by = ana): Promise<Answer> =>
  by.post(`/v1/exceptions/${id}/force-match`, { ...why, ...body }, headers);

const matchesOf = async (id: string, by = ana): Promise<Answer> =>
  by.get(`/v1/exceptions/${id}/forced-matches`);

const raised = async (amount = '100.00', by = ana): Promise<string> =>
  (await by.raise({ amount, currency: 'EUR', source: 'bank' })).id;

describe('a force match that names its counterparts', () => {
  it('records them with what they leave, in the commit that resolves', async () => {
    const id = await raised();
    const counterparts = [counterpart(60.5), counterpart('39.46', { source: 'cards' })];
    const answer = await match(id, { counterparts });
    const residuals = [{ amount: '0.04', currency: 'EUR', tolerance: '0.05' }];
    expect(answer).toMatchObject({ status: 200, body: { status: 'RESOLVED', residuals } });
    const { body } = await matchesOf(id);
    expect(body.items).toEqual([
      {
        id: expect.any(String),
        exceptionId: id,
        ...why,
        counterparts: [{ ...counterparts[0], amount: '60.50' }, counterparts[1]],
        residuals,
        residualAccepted: false,
        createdBy: ana.actor,
        createdAt: answer.body.resolvedAt,
      },
    ]);
    const history = await ana.get(`/v1/exceptions/${id}/history`);
    expect(history.body.items.at(-1)).toMatchObject({
      type: 'exception.force_matched',
      data: { match: body.items[0] },
    });
    expect((await ana.get(`/v1/exceptions/${id}`)).body).not.toHaveProperty('residuals');
  });

  it('needs what is left beyond the tolerance to be accepted', async () => {
    const id = await raised();
    const counterparts = [counterpart('100.06')];
    const residuals = [{ amount: '-0.06', currency: 'EUR', tolerance: '0.05' }];
    expect(await match(id, { counterparts })).toMatchObject({
      status: 422,
      body: {
        title: 'residual_not_accepted',
        message: expect.stringContaining('-0.06 EUR, where up to 0.05 EUR is tolerated'),
        details: { residuals },
      },
    });
    expect(await match(id, { counterparts, acceptResidual: true })).toMatchObject({
      status: 200,
      body: { residuals },
    });
    expect((await matchesOf(id)).body.items).toMatchObject([{ residuals, residualAccepted: true }]);
  });

  it('has a residual in each currency, and none where there is no amount', async () => {
    const counterparts = [counterpart('110', { currency: 'USD' })];
    const id = await raised();
    const residuals = [
      { amount: '100.00', currency: 'EUR', tolerance: '0.05' },
      { amount: '-110.00', currency: 'USD', tolerance: '0.00' },
    ];
    expect(await match(id, { counterparts })).toMatchObject({
      status: 422,
      body: { details: { residuals } },
    });
    const { id: bare } = await ana.raise();
    expect(await match(bare, { counterparts })).toMatchObject({ status: 200, body: { residuals: [] } });
    expect((await matchesOf(bare)).body.items).toMatchObject([{ residuals: [], residualAccepted: false }]);
  });

  it('is told beforehand, and then nothing is done', async () => {
    const id = await raised();
    const preview = (body: object) =>
      ana.post(`/v1/exceptions/${id}/force-match?preview=true`, { ...why, ...body });
    const previewed = await preview({ counterparts: [counterpart('99.97')] });
    expect(previewed).toMatchObject({ status: 200, body: { residuals: [{ amount: '0.03' }] } });
    const refused = await preview({ counterparts: [counterpart('90')] });
    expect(refused).toMatchObject({ status: 422, body: { details: { residuals: [{ amount: '10.00' }] } } });
    expect((await matchesOf(id)).body.items).toEqual([]);
    expect((await ana.get(`/v1/exceptions/${id}`)).body).toMatchObject({ status: 'OPEN', version: 1 });
  });

  it('happens once under a key, to the byte', async () => {
    const id = await raised();
    const body = { counterparts: [counterpart('100')] };
    const key = { 'X-Idempotency-Key': newId() };
    const first = await match(id, body, key);
    const again = await match(id, body, key);
    expect([first.status, again.status, again.text]).toEqual([200, 200, first.text]);
    expect((await matchesOf(id)).body.items).toHaveLength(1);
    const other = await match(id, { counterparts: [counterpart('99')] }, key);
    expect(other).toMatchObject({ status: 422, body: { title: 'idempotency_key_reused' } });
  });

  it('leaves one row, of one of many who match at the same time', async () => {
    const id = await raised();
    const all = await Promise.all(
      Array.from({ length: 10 }, () => match(id, { counterparts: [counterpart('100')] })),
    );
    expect(all.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(9).fill(422)]);
    expect((await matchesOf(id)).body.items).toHaveLength(1);
  });

  it('is refused to other tenants, and to a person who may only read', async () => {
    const id = await raised();
    const body = { counterparts: [counterpart('100')] };
    const eve = service.person({ tenant: `other-${newId()}` });
    expect((await match(id, body, {}, eve)).status).toBe(404);
    const reader = service.person({ tenant: ana.tenant, scopes: ['exception:read'] });
    expect((await match(id, body, {}, reader)).status).toBe(403);
    expect((await match(id, body)).status).toBe(200);
    expect((await matchesOf(id, reader)).body.items).toHaveLength(1);
    expect((await matchesOf(id, eve)).status).toBe(404);
    const without = service.person({ tenant: ana.tenant, scopes: ['exception:resolve'] });
    expect((await matchesOf(id, without)).status).toBe(403);
    expect((await matchesOf(newId())).status).toBe(404);
    expect((await matchesOf('x')).status).toBe(400);
  });

  it('leaves everything as it was where it names none', async () => {
    const id = await raised();
    const { status, body } = await match(id, {});
    expect(status).toBe(200);
    expect(body).not.toHaveProperty('residuals');
    expect((await matchesOf(id)).body.items).toEqual([]);
    const history = await ana.get(`/v1/exceptions/${id}/history`);
    expect(history.body.items.at(-1)).not.toHaveProperty('data');
  });
});

describe('a force match that takes approval', () => {
  it('keeps its counterparts and their residual from the proposal to the end', async () => {
    const tenant = `tenant-${newId()}`;
    const [ann, ben] = ['ann', 'ben'].map((actor) => service.person({ tenant, actor }));
    const rules = [{ command: 'force_match', currency: 'EUR', minimumAmount: '100', approvers: 1 }];
    expect((await ann!.send('PUT', '/v1/approval-policy', { body: { rules } })).status).toBe(200);
    // What is at stake is the amount of the exception, however little is left of it.
    const id = await raised('100.00', ann);
    const counterparts = [counterpart('99.94')];
    expect(await match(id, { counterparts }, {}, ann)).toMatchObject({
      status: 422,
      body: { title: 'residual_not_accepted' },
    });
    const residuals = [{ amount: '0.06', currency: 'EUR', tolerance: '0.05' }];
    const answer = await match(id, { counterparts, acceptResidual: true }, {}, ann);
    expect(answer).toMatchObject({
      status: 200,
      body: { pending: 'approval', residuals, proposal: { details: { counterparts }, residuals } },
    });
    expect((await matchesOf(id, ann)).body.items).toEqual([]);
    const approved = await ben!.post(`/v1/exceptions/${id}/approve`);
    expect(approved).toMatchObject({ status: 200, body: { status: 'RESOLVED' } });
    const { body } = await matchesOf(id, ann);
    expect(body.items).toMatchObject([{ counterparts, residuals, residualAccepted: true, createdBy: 'ben' }]);
    const history = await ann!.get(`/v1/exceptions/${id}/history`);
    expect(history.body.items.at(-1)).toMatchObject({
      type: 'exception.confirmed',
      data: { match: body.items[0] },
    });
  });
});
