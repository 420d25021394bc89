import { unwrap, type Client, type Schemas } from '@redress/client';
import { newId } from '../../apps/api/src/ids';
import { startTestApp, type Person, type TestApp } from '../support/app';
import { writeExceptions } from '../support/exception-rows';
import { historyFlaws, ownerOf, type Owner } from '../support/owner';
import { onlooker, type Onlooker } from '../support/snapshot';
import { outcomeOf } from '../support/outcome-of';

/* Orders for many at once, and an export that comes back edited, as a program gives them. */

let service: TestApp;
let database: Onlooker;
let owner: Owner;
let ana: Client;

beforeAll(async () => {
  service = await startTestApp();
  database = await onlooker(service.database.url);
  owner = ownerOf(service.database.url);
  ana = await service.client(service.person());
}, 60_000);

afterAll(async () => {
  await owner.end();
  await database.close();
  await service.close();
});

const raise = async (desk: Client, over: Partial<Schemas['RaiseRequest']> = {}): Promise<string> => {
  const body = { transactionId: newId(), reason: 'Amount mismatch detected', ...over };
  return unwrap(await desk.post('/v1/exceptions', { body })).id;
};
const stateOf = async (desk: Client, exceptionId: string) =>
  unwrap(await desk.get('/v1/exceptions/{exceptionId}', { path: { exceptionId } }));
const assignTo = async (desk: Client, exceptionId: string, assignee: string) =>
  unwrap(
    await desk.post('/v1/exceptions/{exceptionId}/assign', { path: { exceptionId }, body: { assignee } }),
  );

async function nothingWritten(work: () => Promise<void>): Promise<void> {
  const before = await database.look();
  await work();
  expect(await database.look()).toEqual(before);
}

describe('an order for many', () => {
  type Named = Readonly<{ exceptionIds: string[] }>;
  const orders = {
    assign: (many: Named) =>
      ana.post('/v1/exceptions/bulk/assign', { body: { ...many, assignee: 'cy@example.com' } }),
    resolve: (many: Named) =>
      ana.post('/v1/exceptions/bulk/resolve', {
        body: { ...many, resolution: 'ACCEPTED', reason: 'Small.' },
      }),
    dispatch: (many: Named) =>
      ana.post('/v1/exceptions/bulk/dispatch', { body: { ...many, targetSystem: 'MANUAL' } }),
  };
  const outcomes: Readonly<Record<keyof typeof orders, object>> = {
    assign: { status: 'ASSIGNED', assignedTo: 'cy@example.com' },
    resolve: { status: 'RESOLVED' },
    dispatch: { status: 'PENDING_RESOLUTION', externalSystem: 'MANUAL' },
  };
  type Many = Omit<Schemas['BulkAssignRequest'], 'assignee'>;
  const assign = (many: Many, desk = ana, assignee = 'cy@example.com') =>
    desk.post('/v1/exceptions/bulk/assign', { body: { ...many, assignee } });

  it.each(['assign', 'resolve', 'dispatch'] as const)(
    '%s is carried out by whom there is, and told of the others',
    async (order) => {
      const [one, two, nobody] = [await raise(ana), await raise(ana), newId()];
      const answer = await orders[order]({ exceptionIds: [one, nobody, two, 'x'] });
      const failed = [nobody, 'x'].map((exceptionId) => ({
        ...{ exceptionId, code: 'not_found', error: `There is no exception ${exceptionId}; check the id.` },
      }));
      expect(answer).toMatchObject({ ok: true, status: 200 });
      expect(unwrap(answer)).toEqual({ succeeded: [one, two], failed, total: 4 });
      for (const id of [one, two])
        expect(await stateOf(ana, id)).toMatchObject({ ...outcomes[order], version: 2 });
    },
  );

  it('names 1 to 1,000, each of which counts once', async () => {
    const ids = Array.from({ length: 1001 }, newId);
    for (const exceptionIds of [ids, []])
      expect(outcomeOf(await assign({ exceptionIds }))).toEqual([400, 'invalid_request', 'exceptionIds']);
    const strangers = unwrap(await assign({ exceptionIds: ids.slice(1) }));
    expect(strangers).toMatchObject({ succeeded: [], total: 1000 });
    const id = await raise(ana);
    const twice = unwrap(await assign({ exceptionIds: [id, id.toUpperCase(), id] }));
    expect(twice).toEqual({ succeeded: [id], failed: [], total: 1 });
    expect((await stateOf(ana, id)).version).toBe(2);
  });

  it('may spell the ids as others do, and names them or a filter', async () => {
    const id = await raise(ana);
    expect(unwrap(await assign({ exception_ids: [id] }))).toMatchObject({ succeeded: [id] });
    await nothingWritten(async () => {
      const ways: readonly Many[] = [
        { exceptionIds: [id], filter: { status: ['OPEN'] } },
        { exception_ids: [id], filter: {} },
        { exceptionIds: [id], exception_ids: [id] },
        {},
      ];
      for (const way of ways)
        expect(outcomeOf(await assign(way))).toEqual([400, 'invalid_request', 'exceptionIds']);
    });
  });

  it('that is malformed is refused as a whole, by the name of the field, and uses no key up', async () => {
    const id = await raise(ana);
    const idempotencyKey = newId();
    const order = (assignee: string) =>
      ana.post('/v1/exceptions/bulk/assign', { body: { exceptionIds: [id], assignee }, idempotencyKey });
    await nothingWritten(async () => {
      expect(outcomeOf(await order(' '))).toEqual([400, 'invalid_request', 'assignee']);
    });
    expect(await order('cy@example.com')).toMatchObject({ value: { succeeded: [id] }, replayed: false });
    expect(await order('cy@example.com')).toMatchObject({ value: { succeeded: [id] }, replayed: true });
  });

  it.each([
    ['nonsense', { nonsense: 'x' }],
    ['status', { status: ['NONSENSE'] }],
    ['limit', { limit: 5 }],
    ['cursor', { cursor: 'x' }],
    ['sort_by', { sort_by: 'id' }],
    ['amount_min', { amount_min: {} }],
  ])('is refused a filter with a wrong %s, by its name', async (name, filter) => {
    const answer = await assign({ filter });
    expect(outcomeOf(answer)).toEqual([400, 'invalid_request', `filter.${name}`]);
    expect(answer.ok ? '' : answer.refusal.message).toMatch(new RegExp(`^filter\\.${name} `));
  });

  it('can be previewed for a filter: how many there are, and who would be left out, and why', async () => {
    const desk = await service.client(service.person());
    const named = (source: string) => raise(desk, { reason: 'Late, by a day', source });
    const [free, taken, gone, out] = [await named('A'), await named('B'), await named('C'), await named('D')];
    await raise(desk, { reason: 'Another' });
    await assignTo(desk, taken, 'cy@example.com');
    const [resolve, dispatch] = [{ resolution: 'ACCEPTED' }, { targetSystem: 'MANUAL' } as const];
    const at = (exceptionId: string) => ({ path: { exceptionId } });
    unwrap(await desk.post('/v1/exceptions/{exceptionId}/resolve', { ...at(gone), body: resolve }));
    unwrap(await desk.post('/v1/exceptions/{exceptionId}/dispatch', { ...at(out), body: dispatch }));

    const filter = { reason: ['Late, by a day'] };
    const body = { filter, assignee: 'cy@example.com' };
    let preview!: Schemas['BulkResponse'];
    await nothingWritten(async () => {
      preview = unwrap(await assign({ filter, preview: true }, desk));
      const asQuery = await desk.post('/v1/exceptions/bulk/assign', { body, preview: true });
      expect(unwrap(asQuery)).toEqual(preview);
    });
    const { preview: isPreview, ...rest } = preview;
    expect([isPreview, rest.total, rest.succeeded]).toEqual([true, 4, [free]]);
    const why = Object.fromEntries(rest.failed.map(({ exceptionId, code }) => [exceptionId, code]));
    expect(why).toEqual({ [taken]: 'already_assigned', [gone]: 'not_allowed', [out]: 'not_allowed' });
    expect(unwrap(await assign({ filter }, desk))).toEqual(rest);
  });

  it('asks for the number that a preview showed where the filter has no condition', async () => {
    const desk = await service.client(service.person());
    const ids = [await raise(desk), await raise(desk)];
    const filter = {};
    await nothingWritten(async () => {
      for (const expectedCount of [undefined, null, -1, 1.5, 1001, '2']) {
        const refused = await assign({ filter, expectedCount } as Many, desk);
        expect(outcomeOf(refused)).toEqual([400, 'invalid_request', 'expectedCount']);
      }
      expect(unwrap(await assign({ filter, preview: true }, desk)).total).toBe(2);
    });
    const another = await assign({ filter, expectedCount: 3 }, desk);
    expect(outcomeOf(another)).toEqual([422, 'unexpected_count']);
    expect(another).toMatchObject({ refusal: { details: { expected: 3, actual: 2 } } });
    const some = await assign({ filter: { status: ['OPEN'] }, expectedCount: 1 }, desk);
    expect(outcomeOf(some)).toEqual([422, 'unexpected_count']);
    for (const id of ids) expect((await stateOf(desk, id)).version).toBe(1);
    const done = unwrap(await assign({ filter, expectedCount: 2 }, desk));
    expect([...done.succeeded].sort()).toEqual([...ids].sort());
  });

  it('repeats its answer when the number has changed by its own effect', async () => {
    const desk = await service.client(service.person());
    const id = await raise(desk);
    const body = { filter: { unassigned: true }, expectedCount: 1, assignee: 'cy@example.com' };
    const order = () => desk.post('/v1/exceptions/bulk/assign', { body, idempotencyKey: `once-${id}` });
    expect(await order()).toMatchObject({ value: { succeeded: [id] }, replayed: false });
    expect(await order()).toMatchObject({ value: { succeeded: [id] }, replayed: true });
  });

  it('takes a filter that matches 1,000, and none that matches more', async () => {
    const person = service.person();
    const desk = await service.client(person);
    const rows = Array.from({ length: 1001 }, (_, i) => ({
      ...{ tenant_id: person.tenant, source: i === 0 ? 'first' : 'others' },
    }));
    await writeExceptions(owner, rows);
    await nothingWritten(async () => {
      const refused = await assign({ filter: {}, preview: true }, desk);
      expect(outcomeOf(refused)).toEqual([422, 'too_many_matches']);
      expect(refused).toMatchObject({ refusal: { details: { limit: 1000 } } });
    });
    const all = unwrap(await assign({ filter: { source: 'others' }, preview: true }, desk));
    expect(all.total).toBe(1000);
  }, 30_000);
});

describe('an export that was edited', () => {
  const apply = (desk: Client, file: string, preview = false) =>
    desk.upload('/v1/exceptions/bulk/apply', file, { type: 'text/csv', preview });

  /** The file as rows that can be edited, and back. Nothing in it needs quotes. */
  async function exported(desk: Client) {
    const query = { sort_by: 'created_at', sort_order: 'asc' } as const;
    const file = unwrap(await desk.download('/v1/exceptions/export', { as: 'text/csv', query }));
    const lines: string[] = [];
    for await (const line of file.lines) lines.push(line);
    const [header = '', ...others] = lines;
    const names = header.split(',');
    const rows = others.map((line) => {
      const cells = line.split(',');
      return Object.fromEntries(names.map((name, i) => [name, cells[i] ?? '']));
    });
    const text = () => [header, ...rows.map((row) => names.map((name) => row[name]).join(','))].join('\r\n');
    return { rows, text };
  }

  async function six(): Promise<{ person: Person; desk: Client; ids: string[] }> {
    const person = service.person();
    const desk = await service.client(person);
    const ids: string[] = [];
    for (let i = 0; i < 6; i++) ids.push(await raise(desk, { reason: `Late ${i}` }));
    for (const at of [2, 4]) await assignTo(desk, ids[at]!, '=SUM(A1)');
    return { person, desk, ids };
  }

  it('changes what was edited, and nothing that has changed since', async () => {
    const { person, desk, ids } = await six();
    const [assigned, resolved, formula, late, emptied, typed] = ids as [
      ...[string, string, string, string, string, string],
    ];
    const { rows, text } = await exported(desk);
    expect(rows[2]!['assignee']).toBe(`'=SUM(A1)`);
    rows[0]!['assignee'] = 'bo@example.com';
    Object.assign(rows[1]!, { resolution: 'ACCEPTED', reason: 'Small.' });
    rows[3]!['assignee'] = 'bo@example.com';
    rows[4]!['assignee'] = '';
    rows[5]!['assignee'] = `'=HYPERLINK(A1)`;
    await assignTo(desk, late, 'dee@example.com');

    const expected = {
      ...{ received: 6, changed: 4, unchanged: 1, failed: 1 },
      failures: [{ line: 5, exceptionId: late, code: 'stale_version', error: expect.any(String) }],
    };
    await nothingWritten(async () => {
      expect(unwrap(await apply(desk, text(), true))).toEqual({ ...expected, preview: true });
    });
    expect(unwrap(await apply(desk, text()))).toEqual(expected);
    expect(await stateOf(desk, assigned)).toMatchObject({ assignedTo: 'bo@example.com', version: 2 });
    expect(await stateOf(desk, resolved)).toMatchObject({
      ...{ status: 'RESOLVED', resolutionNotes: 'ACCEPTED', resolutionReason: 'Small.' },
    });
    expect(await stateOf(desk, formula)).toMatchObject({ assignedTo: '=SUM(A1)', version: 2 });
    expect(await stateOf(desk, late)).toMatchObject({ assignedTo: 'dee@example.com', version: 2 });
    expect(await stateOf(desk, emptied)).toMatchObject({ status: 'OPEN', version: 3 });
    expect(await stateOf(desk, typed)).toMatchObject({ assignedTo: '=HYPERLINK(A1)' });
    expect((await historyFlaws(owner)).filter((flaw) => flaw.startsWith(person.tenant))).toEqual([]);

    // What was done is not done again: those versions are old by now.
    await nothingWritten(async () => {
      const again = unwrap(await apply(desk, text()));
      expect(again).toMatchObject({ received: 6, changed: 0, unchanged: 1, failed: 5 });
    });
    const same = unwrap(await apply(desk, (await exported(desk)).text()));
    expect(same).toEqual({ received: 6, changed: 0, unchanged: 6, failed: 0, failures: [] });
  });

  it('resolves nothing for a person who may only assign, line by line', async () => {
    const { person, desk, ids } = await six();
    const [assigned, resolved] = ids as [string, string];
    const { rows, text } = await exported(desk);
    rows[0]!['assignee'] = 'bo@example.com';
    rows[1]!['resolution'] = 'ACCEPTED';
    const limited = service.person({ tenant: person.tenant, scopes: ['exception:assign'] });
    expect(unwrap(await apply(await service.client(limited), text()))).toEqual({
      ...{ received: 6, changed: 1, unchanged: 4, failed: 1 },
      failures: [{ line: 3, exceptionId: resolved, code: 'insufficient_scope', error: expect.any(String) }],
    });
    expect(await stateOf(desk, assigned)).toMatchObject({ assignedTo: 'bo@example.com' });
    expect(await stateOf(desk, resolved)).toMatchObject({ status: 'OPEN', version: 1 });
  });

  it('is told of each line that cannot be read, and the others count', async () => {
    const desk = await service.client(service.person());
    const id = await raise(desk);
    const nobody = newId();
    const lines = [
      'id,version,assignee',
      `${id},1,bo@example.com`,
      `${id.toUpperCase()},1,cy@example.com`,
      `${nobody},1,bo@example.com`,
      'x,1,bo@example.com',
      `${id},one,bo@example.com`,
      `${id},1`,
    ];
    const report = unwrap(await apply(desk, lines.join('\n')));
    expect([report.received, report.changed, report.failed]).toEqual([6, 1, 5]);
    expect(report.failures.map(({ line, code }) => [line, code])).toEqual([
      ...[3, 4, 5, 6, 7].map((line) => [line, [4, 5].includes(line) ? 'not_found' : 'invalid_request']),
    ]);
    expect((await stateOf(desk, id)).assignedTo).toBe('bo@example.com');
    const headless = await apply(desk, 'version,assignee\n1,bo@example.com');
    expect(outcomeOf(headless)).toEqual([400, 'invalid_request', 'id']);
  });
});
