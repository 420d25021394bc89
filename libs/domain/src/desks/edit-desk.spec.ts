import { aDesk, meta } from '../testing/a-desk';
import { accepted } from '../testing/outcomes';
import { EditDesk } from './edit-desk';
import { readEdit, type EditedCells, type EditLine } from './edit-line';

async function* linesOf(...cells: EditedCells[]): AsyncGenerator<EditLine> {
  for (const [i, one] of cells.entries()) yield readEdit(i + 2, 100, one);
}

describe('the desk of edited exports', () => {
  it('carries out what changed, and counts what is so already', async () => {
    const { desk, raised, found } = aDesk();
    const all = [];
    for (const reason of ['a', 'b', 'c', 'd']) all.push(await raised({ reason }));
    const [one, other, same, old] = all.map(({ id }) => id) as [string, string, string, string];
    const edits = new EditDesk(desk, 3);
    const report = accepted(
      await edits.apply(
        linesOf(
          { id: one, version: '1', assignee: 'ben' },
          { id: other, version: '1', resolution: 'WRITTEN_OFF', reason: 'Too small.' },
          { id: same, version: '1', assignee: '' },
          { id: one.toUpperCase(), version: '1', assignee: 'eve' },
          { id: old, version: '7', assignee: 'ben' },
          { id: old, version: 'x' },
        ),
        meta,
      ),
    );
    expect(report).toMatchObject({ received: 6, unchanged: 1 });
    expect(await found(one)).toMatchObject({ status: 'ASSIGNED' });
    // The batch of three had ended, so the second line about the first exception is a command of its own.
    expect(report.failures.map(({ line, code }) => [line, code])).toEqual(
      expect.arrayContaining([
        [5, 'stale_version'],
        [6, 'stale_version'],
        [7, 'invalid_request'],
      ]),
    );
  });

  it('refuses the second line about an exception of one batch', async () => {
    const { desk, raised, found } = aDesk();
    const { id } = await raised();
    const lines = linesOf(
      { id, version: '1', assignee: 'ben' },
      { id: id.toUpperCase(), version: '1', assignee: 'eve' },
    );
    const report = accepted(await new EditDesk(desk, 10).apply(lines, meta));
    expect(report).toMatchObject({ changed: 1, failures: [{ line: 3, code: 'invalid_request' }] });
    expect((await found(id)).assignedTo).toBe('ben');
  });

  it('lets those resolve who may', async () => {
    const { desk, raised, found } = aDesk();
    const { id } = await raised();
    const lines = () => linesOf({ id, version: '1', resolution: 'WRITE_OFF' }, { id: 'x', version: '0' });
    const edits = new EditDesk(desk, 10);
    const mayNot = { code: 'insufficient_scope', error: 'No.' };
    expect(accepted(await edits.apply(lines(), meta, mayNot)).failures).toEqual([
      { line: 2, exceptionId: id, ...mayNot },
      { line: 3, exceptionId: 'x', code: 'invalid_request', error: expect.any(String) },
    ]);
    expect((await found(id)).status).toBe('OPEN');
  });

  it('passes on a refusal of the whole batch', async () => {
    const refused = { ok: false, refusal: { code: 'idempotency_key_reused' } } as const;
    const edits = new EditDesk({ handleEach: () => Promise.resolve(refused) as never }, 10);
    expect(await edits.apply(linesOf({ id: 'x', version: '1' }), meta)).toEqual(refused);
  });
});
