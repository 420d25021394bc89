import { newId } from '../../apps/api/src/ids';
import { startTestApp, type Answer, type Json, type Person, type TestApp } from '../support/app';
import { http, journal, type Gateway } from '../support/gateways';
import { historyFlaws, ownerOf, type Owner } from '../support/owner';
import { lookUntil } from '../support/until';

/*
 * What holds of every way for a resolution to reach the books: here, in the commit of the status, or in a ledger
 * elsewhere, which is asked after it. Background work runs as it does in life.
 */

const fee = {
  ...{ amount: '0.30', currency: 'EUR', direction: 'CREDIT', reasonCode: 'BANK_FEE' },
  ...{ effectiveAt: '2026-01-15T10:30:00.123Z', notes: 'Fee of the bank' },
};
const counterparts = ['60.50', '39.46'].map((amount, i) => ({
  ...{ source: 'bank', transactionId: `019c96a0-11aa-7b1e-9c57-2f1d7a1b6c0${i}` },
  ...{ amount, currency: 'EUR' },
}));
const match = { overrideReason: 'BUSINESS_DECISION', notes: 'Seen.', counterparts };
const rules = [{ command: 'adjust_entry', currency: 'EUR', minimumAmount: '1000.00', approvers: 2 }];

describe.each([
  ['journal', journal],
  ['http', http],
])('a matching gateway: %s', (_name, open) => {
  let gateway: Gateway;
  let service: TestApp;
  let owner: Owner;
  let [ana, ben, cyd]: Person[] = [];

  beforeAll(async () => {
    gateway = await open();
    service = await startTestApp({ WORKERS: '2', ...gateway.env });
    owner = ownerOf(service.database.url);
  }, 60_000);
  afterAll(async () => {
    expect(await historyFlaws(owner)).toEqual([]);
    await owner.end();
    await service.close();
    await gateway.stop();
  });
  beforeEach(async () => {
    const tenant = `tenant-${newId()}`;
    [ana, ben, cyd] = ['ana', 'ben', 'cyd'].map((actor) => service.person({ tenant, actor }));
    await gateway.use(ana!);
  });

  const give = (id: string, what: string, body: object, headers = {}, who = ana!): Promise<Answer> =>
    who.post(`/v1/exceptions/${id}/${what}`, body, headers);
  const read = async (id: string): Promise<Json> => (await ana!.get(`/v1/exceptions/${id}`)).body;
  const booked = (id: string) => gateway.booked(ana!, id);

  /** Once nothing is on its way to the ledger any more. */
  const settled = (id: string): Promise<Json> =>
    lookUntil(
      () => read(id),
      ({ pending }) => pending !== 'ledger',
    );

  async function resolved(what: string, body: object): Promise<Json> {
    const { id } = await ana!.raise();
    const answer = await give(id, what, body);
    expect(answer.status).toBe(200);
    return settled(id);
  }

  it.each([
    ['0.30', 'EUR'],
    ['99999999999999999999.99', 'EUR'],
    ['0.001', 'BHD'],
    ['7', 'JPY'],
  ])('books an adjustment of %s %s once, as it was decided', async (amount, currency) => {
    const { id, status, resolvedBy } = await resolved('adjust-entry', { ...fee, amount, currency });
    expect([status, resolvedBy]).toEqual(['RESOLVED', 'ana']);
    const [{ id: posted }] = (await ana!.get(`/v1/exceptions/${id}/adjustments`)).body.items;
    expect(await booked(id)).toEqual([{ ...fee, id: posted, type: 'adjustment', amount, currency }]);
  });

  it('books a forced match once', async () => {
    const { id, status, resolutionType } = await resolved('force-match', match);
    expect([status, resolutionType]).toEqual(['RESOLVED', 'FORCE_MATCH']);
    const [{ id: recorded }] = (await ana!.get(`/v1/exceptions/${id}/forced-matches`)).body.items;
    expect(await booked(id)).toEqual([
      { id: recorded, type: 'forced_match', notes: match.notes, counterparts },
    ]);
  });

  it('books nothing for what does not change the books', async () => {
    const { id, status } = await resolved('resolve', { resolution: 'Nothing to do.' });
    expect([status, await booked(id)]).toEqual(['RESOLVED', []]);
  });

  it('books once, however many ask for the same at the same time', async () => {
    const { id } = await ana!.raise();
    const key = { 'idempotency-key': 'the-fee' };
    const same = Array.from({ length: 10 }, () => give(id, 'adjust-entry', fee, key));
    const others = Array.from({ length: 10 }, () => give(id, 'adjust-entry', fee, {}, ben));
    const answers = await Promise.all([...same, ...others]);
    expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
    expect((await settled(id)).status).toBe('RESOLVED');
    expect((await booked(id)).length).toBe(1);
  });

  it('books what takes approval with the last one, and nothing of what is rejected or withdrawn', async () => {
    await ana!.send('PUT', '/v1/approval-policy', { body: { rules } });
    const large = { ...fee, amount: '1000.00' };
    const ids = await Promise.all(
      [1, 2, 3].map(async () => {
        const { id } = await ana!.raise();
        expect((await give(id, 'adjust-entry', large)).body.pending).toBe('approval');
        return id as string;
      }),
    );
    const [approved, rejected, withdrawn] = ids as [string, string, string];
    expect((await give(approved, 'approve', {}, {}, ben)).body.status).toBe('PENDING_RESOLUTION');
    expect(await booked(approved)).toEqual([]);
    expect((await give(approved, 'approve', {}, {}, cyd)).status).toBe(200);
    expect((await give(rejected, 'reject', { reason: 'No.' }, {}, ben)).body.status).toBe('OPEN');
    expect((await give(withdrawn, 'withdraw', {})).body.status).toBe('OPEN');
    expect(await settled(approved)).toMatchObject({ status: 'RESOLVED', resolvedBy: 'cyd' });
    const [{ approval }] = (await ana!.get(`/v1/exceptions/${approved}/adjustments`)).body.items;
    expect([approval.proposedBy, approval.approvals.map(({ by }: Json) => by)]).toEqual([
      'ana',
      ['ben', 'cyd'],
    ]);
    const counts = await Promise.all(ids.map(async (id) => (await booked(id)).length));
    expect(counts).toEqual([1, 0, 0]);
  });

  it('books the opposite of what is reversed, once', async () => {
    const { id } = await resolved('adjust-entry', fee);
    const [first] = await booked(id);
    const reverse = () => ana!.post(`/v1/adjustments/${first!.id}/reverse`, { reason: 'Twice.' });
    const answers = await Promise.all([reverse(), reverse()]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 422]);
    const { reversal } = answers.find(({ status }) => status === 201)!.body;
    const both = await lookUntil(
      () => booked(id),
      ({ length }) => length > 1,
    );
    const opposite = { direction: 'DEBIT', reverses: first!.id, notes: 'Twice.' };
    const { effectiveAt } = reversal;
    expect(both).toEqual([first, { ...first, ...opposite, type: 'reversal', id: reversal.id, effectiveAt }]);
  });

  it('records it in the same history, wherever the books are kept', async () => {
    const { id } = await resolved('adjust-entry', fee);
    const { items } = (await ana!.get(`/v1/exceptions/${id}/history`)).body;
    const posted = items.flatMap(({ data }: Json) => data?.adjustment ?? []);
    expect(posted.map(({ amount }: Json) => amount)).toEqual([{ amount: '0.30', currency: 'EUR' }]);
    expect([posted[0].id]).toEqual((await booked(id)).map(({ id: known }) => known));
  });
});
