import { Readable } from 'node:stream';
import { ok, type ExceptionDesk, type Order, type Raise, type Result } from '@redress/domain';
import { EditDesk, ImportDesk, maxBatchBytes, maxListed } from '@redress/domain/bulk';
import { csvRecords, maxCells } from '../csv/csv-reader';
import { editLines } from './edit-lines';
import { csvLines, ndjsonLines } from './report-lines';

const meta = { tenant: 'a', actor: 'b' };
const stream = (text: string) => Readable.from([Buffer.from(text)]);

function accepted<T>(outcome: Result<T>): T {
  if (!outcome.ok) throw new Error(outcome.refusal.code);
  return outcome.value;
}

/** A desk that accepts everything, and remembers how much it was given at a time. */
function counting() {
  const batches: number[] = [];
  const raiseAll = (reports: readonly Raise[]) => {
    batches.push(reports.length);
    return Promise.resolve(reports.map(() => ok({ basedOn: 0 })));
  };
  const handleEach = (orders: readonly Order[]) => {
    batches.push(orders.length);
    const unchanged = { outcome: ok({ events: [], state: {} }) };
    return Promise.resolve(ok(orders.map(({ id }) => ({ id, ...unchanged }))));
  };
  const desk = { raiseAll, handleEach } as unknown as ExceptionDesk;
  return { batches, importer: new ImportDesk(desk, 500), edits: new EditDesk(desk, 500) };
}

describe('what an import lists', () => {
  it.each([
    [maxListed, undefined],
    [maxListed + 1, 1],
    [maxListed + 500, 500],
  ])('of %i bad lines are a thousand, and it says how many more', async (bad, more) => {
    const { importer } = counting();
    const report = await importer.raise(ndjsonLines(stream('x\n'.repeat(bad))), meta);
    expect([report.received, report.rejected, report.rejectedLines.length]).toEqual([bad, bad, maxListed]);
    expect(report.rejectedLinesNotListed).toBe(more);
  });

  it('hands no long name back', async () => {
    const { importer } = counting();
    const line = `{"${'n'.repeat(900)}":1}\n`;
    const { rejectedLines } = await importer.raise(ndjsonLines(stream(line)), meta);
    expect(JSON.stringify(rejectedLines).length).toBeLessThan(600);
    expect(rejectedLines[0]).toMatchObject({ field: expect.stringMatching(/^n{100}…$/) });
  });

  it('refuses what is beyond the limits of a line as one fault', async () => {
    const { importer } = counting();
    const texts = [`[${'[],'.repeat(500)}[]]`, `{"reason":${'9'.repeat(1001)}}`, '['.repeat(33)];
    const { rejectedLines } = await importer.raise(ndjsonLines(stream(texts.join('\n'))), meta);
    expect(rejectedLines.map(({ message }) => message)).toEqual([
      expect.stringContaining('more than 500 items'),
      expect.stringContaining('longer than 1000 characters'),
      expect.stringContaining('more than 32 levels'),
    ]);
  });
});

describe('what edits list', () => {
  it('are a thousand of the bad lines, and they say how many more', async () => {
    const { edits } = counting();
    const lines = editLines(stream(`id,version\n${'x\n'.repeat(maxListed + 7)}`));
    const report = accepted(await edits.apply(lines, meta));
    expect(report).toMatchObject({ failed: maxListed + 7, failuresNotListed: 7 });
    expect(report.failures).toHaveLength(maxListed);
  });

  it('hands no long id back, and asks for none', async () => {
    const { edits, batches } = counting();
    const ids = ['i'.repeat(36), 'i'.repeat(37), 'i'.repeat(5000)];
    const lines = editLines(stream(`id,version\n${ids.map((id) => `${id},1\n`).join('')}`));
    const report = accepted(await edits.apply(lines, meta));
    expect(batches).toEqual([1]);
    expect(report.failures.map(({ line, exceptionId = '' }) => [line, exceptionId.length])).toEqual([
      [3, 37],
      [4, 101],
    ]);
  });
});

describe('a batch', () => {
  const long = 'x'.repeat(250_000);
  const good = '{"transactionId":"a","reason":"b"}\n';

  it('is written when it has so many lines, or so many bytes', async () => {
    const { importer, batches } = counting();
    await importer.raise(ndjsonLines(stream(good.repeat(1100))), meta);
    expect(batches).toEqual([500, 500, 100]);
    batches.length = 0;
    await importer.raise(ndjsonLines(stream(`{"reason":"${long}","transactionId":"a"}\n`.repeat(12))), meta);
    expect(batches).toEqual([5, 5, 2]);
    expect(5 * long.length).toBeGreaterThan(maxBatchBytes);
  });

  it('is bounded for CSV and for edits alike', async () => {
    const { importer, edits, batches } = counting();
    await importer.raise(csvLines(stream(`transactionId,reason\n${`a,${long}\n`.repeat(6)}`)), meta);
    expect(batches).toEqual([5, 1]);
    batches.length = 0;
    const rows = Array.from({ length: 6 }, (_, i) => `${i},1,${long}\n`);
    await edits.apply(editLines(stream(`id,version,reason\n${rows.join('')}`)), meta);
    expect(batches).toEqual([5, 1]);
  });
});

describe('a record of CSV', () => {
  const read = async (text: string) => {
    const found: unknown[] = [];
    for await (const records of csvRecords(stream(text))) found.push(...records);
    return found;
  };

  it.each(['x', '""', '"x"'])('has at most a thousand cells of %s', async (cell) => {
    const cells = (n: number) => Array.from({ length: n }, () => cell).join();
    expect(await read(cells(maxCells))).toMatchObject([{ cells: { length: maxCells } }]);
    expect(await read(`${cells(maxCells + 1)}\n${cells(1)}`)).toMatchObject([
      { line: 1, problem: `The line has more than ${maxCells} cells.` },
      { line: 2, cells: { length: 1 } },
    ]);
  });

  it('has at most ten thousand lines; what is behind a quote that is not closed is read again', async () => {
    const closed = `"${'x\n'.repeat(9999)}"\n`;
    expect(await read(closed)).toHaveLength(1);
    const found = await read(`"${'x\n'.repeat(10_001)}`);
    expect(found[0]).toMatchObject({ line: 1, problem: expect.stringMatching(/10000 lines on\.$/) });
    expect(found.slice(1)).toMatchObject(
      Array.from({ length: 10_000 }, (_, i) => ({ line: i + 2, cells: ['x'] })),
    );
  });

  it.each([
    ['""""', '"'],
    ['"a""b"', 'a"b'],
    ['""""""', '""'],
    [`"${'""'.repeat(1000)}"`, '"'.repeat(1000)],
    [`"${'""x'.repeat(1000)}"`, '"x'.repeat(1000)],
    [`"${'""é😀'.repeat(3000)}"`, '"é😀'.repeat(3000)],
    [`"${'""'.repeat(50_000)}"`, '"'.repeat(50_000)],
    ['"a""\nb"', 'a"\nb'],
    ['"""\n"""', '"\n"'],
  ])('reads quotes within quotes: %s', async (text, cell) => {
    expect(await read(`${text},end`)).toMatchObject([{ cells: [cell, 'end'] }]);
  });
});
