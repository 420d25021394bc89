import { newId } from '../../apps/api/src/ids';
import { anAdjustment } from '../support/an-adjustment';
import { startTestApp, type Answer, type Person, type TestApp } from '../support/app';
import { historyFlaws, ownerOf, type Owner } from '../support/owner';

let service: TestApp;
let owner: Owner;
let ana: Person;

beforeAll(async () => {
  service = await startTestApp();
  owner = ownerOf(service.database.url);
  ana = service.person();
});
afterAll(async () => {
  await owner.end();
  await service.close();
});

const reverse = (id: string, body: object = {}, headers = {}, query = ''): Promise<Answer> =>
  ana.post(`/v1/adjustments/${id}/reverse${query}`, { reason: 'Posted twice.', ...body }, headers);

const typesOf = async (exceptionId: string): Promise<string[]> => {
  const { body } = await ana.get(`/v1/exceptions/${exceptionId}/history`);
  return body.items.map(({ type }: { type: string }) => type);
};

describe('reversing an adjustment', () => {
  it('posts the opposite, and opens the transaction again', async () => {
    const { exceptionId, adjustmentId } = await anAdjustment(ana, { direction: 'CREDIT' });
    const effectiveAt = '2026-02-01T00:00:00.000Z';
    const { status, body } = await reverse(adjustmentId, { effectiveAt });
    expect(status).toBe(201);
    expect(body.reversal).toMatchObject({
      ...{ exceptionId, amount: '150.50', currency: 'BRL', direction: 'DEBIT', effectiveAt },
      ...{
        reasonCode: 'FEE_ADJUSTMENT',
        notes: 'Posted twice.',
        createdBy: ana.actor,
        reverses: adjustmentId,
      },
    });
    const { body: resolved } = await ana.get(`/v1/exceptions/${exceptionId}`);
    expect(resolved).toMatchObject({ status: 'RESOLVED', resolutionType: 'ADJUST_ENTRY' });
    const { transactionId, reason } = resolved;
    expect(body.exception).toMatchObject({ status: 'OPEN', transactionId, reason, reversalOf: exceptionId });
    const { allowedActions: _, ...found } = (await ana.get(`/v1/exceptions/${body.exception.id}`)).body;
    expect(found).toEqual(body.exception);
    const { body: listed } = await ana.get(`/v1/exceptions/${exceptionId}/adjustments`);
    expect(listed.items).toMatchObject([
      { id: adjustmentId, reversedBy: body.reversal.id },
      { id: body.reversal.id, reverses: adjustmentId },
    ]);
    expect(await typesOf(exceptionId)).toEqual([
      ...['exception.raised', 'exception.entry_adjusted', 'exception.adjustment_reversed'],
    ]);
    expect(await typesOf(body.exception.id)).toEqual(['exception.raised']);
  });

  it('lets what is open again be resolved by another adjustment, which can be reversed in turn', async () => {
    const { adjustmentId } = await anAdjustment(ana);
    const { exception: second } = (await reverse(adjustmentId)).body;
    const posting = { effectiveAt: '2025-01-15T10:30:00.000Z', reasonCode: 'FEE', notes: 'Right this time.' };
    const path = `/v1/exceptions/${second.id}`;
    await ana.post(`${path}/adjust-entry`, { amount: '1.50', currency: 'BRL', ...posting });
    const { items } = (await ana.get(`${path}/adjustments`)).body;
    expect((await reverse(items[0].id)).body.exception.reversalOf).toBe(second.id);
  });

  it('stands for the unresolved exception of the same identity, if there is one', async () => {
    const { exceptionId, adjustmentId } = await anAdjustment(ana);
    const { transactionId, reason } = (await ana.get(`/v1/exceptions/${exceptionId}`)).body;
    const { body: unresolved } = await ana.post('/v1/exceptions', { transactionId, reason });
    const { body } = await reverse(adjustmentId);
    expect(body.exception).toMatchObject({ id: unresolved.id, version: 2, reversalOf: exceptionId });
    expect(await typesOf(unresolved.id)).toEqual(['exception.raised', 'exception.reversal_linked']);
  });

  it('happens once, and a reversal stays', async () => {
    const { adjustmentId } = await anAdjustment(ana);
    const { body } = await reverse(adjustmentId);
    expect(await reverse(adjustmentId)).toMatchObject({
      status: 422,
      body: { title: 'already_reversed', details: { adjustmentId, reversedBy: body.reversal.id } },
    });
    expect(await reverse(body.reversal.id)).toMatchObject({
      status: 422,
      body: { title: 'not_reversible', details: { reverses: adjustmentId } },
    });
    expect(await reverse(newId())).toMatchObject({ status: 404, body: { title: 'not_found' } });
  });

  it('answers the same key with the same bytes, and tells beforehand what would come of it', async () => {
    const { exceptionId, adjustmentId } = await anAdjustment(ana);
    const preview = await reverse(adjustmentId, {}, {}, '?preview=true');
    expect(preview).toMatchObject({ status: 201, body: { reversal: { reverses: adjustmentId } } });
    expect((await ana.get(`/v1/exceptions/${exceptionId}/adjustments`)).body.items).toHaveLength(1);
    const key = { 'X-Idempotency-Key': newId() };
    const first = await reverse(adjustmentId, {}, key);
    const again = await reverse(adjustmentId, {}, key);
    expect([first.status, again.status, again.text]).toEqual([201, 201, first.text]);
    expect(again.headers['x-idempotency-replayed']).toBe('true');
  });

  it.each([
    ['reason', { reason: '' }],
    ['reason', { reason: 'x'.repeat(1001) }],
    ['effectiveAt', { effectiveAt: '2026-02-01' }],
  ])('says what is wrong with its %s', async (field, body) => {
    const { adjustmentId } = await anAdjustment(ana);
    expect(await reverse(adjustmentId, body)).toMatchObject({
      status: 400,
      body: { details: { fields: { [field]: expect.any(String) } } },
    });
  });

  it('is impossible twice in the database itself, as is changing what was posted', async () => {
    const { exceptionId, adjustmentId } = await anAdjustment(ana);
    await reverse(adjustmentId);
    const copy = (over: string) =>
      owner.rows(
        `INSERT INTO adjustment SELECT (json_populate_record(a, '{"id":"${newId()}"${over}}')).*
         FROM adjustment a WHERE a.exception_id = $1 AND reverses IS NOT NULL`,
        [exceptionId],
      );
    await expect(copy('')).rejects.toMatchObject({ constraint: 'adjustment_one_reversal' });
    await expect(copy(',"reverses":null')).rejects.toMatchObject({
      constraint: 'adjustment_one_per_exception',
    });
    await expect(copy(`,"reverses":"${newId()}"`)).rejects.toMatchObject({
      constraint: 'adjustment_reverses',
    });
    await expect(owner.rows('UPDATE adjustment SET amount = 1')).rejects.toMatchObject({ code: 'RD002' });
    await expect(owner.rows('DELETE FROM adjustment')).rejects.toMatchObject({ code: 'RD002' });
  });

  it('keeps every chain whole', async () => {
    expect(await historyFlaws(owner)).toEqual([]);
  });
});
