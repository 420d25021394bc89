import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { ExceptionDesk, ok, type Raise, type ReconException, type Result } from '@redress/domain';
import { EditDesk, ImportDesk } from '@redress/domain/bulk';
import { InMemoryUnitOfWork } from '@redress/domain/in-memory';
import { aReport, fixedClock, sequentialIds } from '@redress/domain/testing';
import { csvLines, editLines } from '@redress/formats';
import { exportStream } from '../../apps/api/src/exceptions/exception-export';
import { throughExcel, type Locale, type SavedAs } from '../support/excel';

const meta = { tenant: 'acme', actor: 'ana' };

function accepted<T>(outcome: Result<T>): T {
  if (!outcome.ok) throw new Error(outcome.refusal.code);
  return outcome.value;
}

/** A desk over an empty store. */
function aDesk() {
  const uow = new InMemoryUnitOfWork();
  const desk = new ExceptionDesk({ uow, clock: fixedClock, newId: sequentialIds() });
  return {
    uow,
    desk,
    raised: async (report: Partial<Raise> = {}) => accepted(await desk.raise(aReport(report), meta)).state,
    found: async (id: string) => accepted(await desk.find(meta.tenant, id)).exception,
  };
}

/** Names that spreadsheets take for something else, and those that lose letters in another encoding. */
const assignees = [
  ...[
    '00042',
    '1E5',
    '12345678901234567890',
    '1.50',
    '1,234',
    '+49170123456',
    '0.1',
    '1/2',
    '3-4',
    '12.10',
    '1.20E+15',
  ],
  ...[
    'MAR1',
    'Dec-24',
    '2026-01-31',
    'TRUE',
    'wahr',
    '10:30',
    '50%',
    '=SUM(A1)',
    '+A1',
    '-1-1',
    '@ops',
    "'tis",
    ' pad ',
  ],
  ...[
    'zoë@example.com',
    'zoe\u0308@example.com',
    'ação',
    '日本',
    'Łukasz',
    'O’Neil',
    'a;b',
    'a,b',
    'x;=1+1',
    'say "hi"',
  ],
  ...['two\nlines', 'a\tb', 'ana'],
];
const amounts: readonly (readonly [string, string] | undefined)[] = [
  ['1234.50', 'EUR'],
  ['-0.50', 'EUR'],
  ['12.50', 'EUR'],
  ['1.234', 'BHD'],
  ['12345678901234567890.12', 'EUR'],
  ['100000', 'JPY'],
  undefined,
];
const reasons = [
  'Amount mismatch',
  'Fee, "above"\ntolerance',
  '2026-01-31',
  '00017',
  'Überfällig; -12.50',
  '3/4',
  'ação 3',
];

/** A desk with an exception for each name, and its export. */
async function exported() {
  const { desk, raised, found, uow } = aDesk();
  const ids: string[] = [];
  for (const [i, assignee] of [...assignees, undefined].entries()) {
    const [amount, currency] = amounts[i % amounts.length] ?? [];
    const { id } = await raised({
      transactionId: `019b7c00-0000-7000-8000-0000000000${String(i).padStart(2, '0')}`,
      reason: reasons[i % reasons.length]!,
      ...(amount !== undefined && currency !== undefined ? { amount, currency } : {}),
      ...(i % 3 && { source: i % 2 ? 'bank:atlântico' : '0815', occurredAt: '2026-01-31T10:00:00.000Z' }),
    } satisfies Partial<Raise>);
    if (assignee !== undefined) accepted(await desk.handle(id, { type: 'assign', assignee }, meta));
    ids.push(id);
  }
  const all = () => Promise.all(ids.map(found));
  const items = await all();
  const parts: Buffer[] = [];
  for await (const part of await exportStream('csv', async () => ({ items, hasMore: false })))
    parts.push(Buffer.from(part as Buffer));
  const apply = async (file: Buffer) =>
    accepted(await new EditDesk(desk, 500).apply(editLines(Readable.from([file])), meta));
  return { file: Buffer.concat(parts), apply, all, items, uow };
}

/** How many lines would be edits if each cell were taken as it is. */
function naiveEdits(file: Buffer, items: readonly ReconException[]): number {
  const text = file.toString('utf8');
  return items.filter(({ assignedTo = '' }) => !text.includes(assignedTo)).length;
}

async function changesNothing(through: (file: Buffer) => Buffer) {
  const { file, apply, all, items } = await exported();
  const back = through(file);
  const report = await apply(back);
  expect(report).toEqual({
    ...{ received: items.length, changed: 0, unchanged: items.length, failed: 0, failures: [] },
  });
  expect(await all()).toEqual(items);
  return { back, items };
}

describe('an export that nothing has touched', () => {
  it('changes nothing', async () => {
    await changesNothing((file) => file);
  });

  const locales: readonly Locale[] = ['en-US', 'de-DE', 'pt-BR'];
  const saves: readonly SavedAs[] = ['CSV', 'CSV UTF-8'];
  const cases = locales.flatMap((locale) => saves.map((as) => [locale, as] as const));

  it.each(cases)(
    'changes nothing after Excel in %s opened it as what it is, and saved it as %s',
    async (locale, as) => {
      const { back, items } = await changesNothing((file) => throughExcel(file, locale, as, { with: ',' }));
      // Excel has rewritten some, which a reader of plain cells would take for edits.
      expect(naiveEdits(back, items)).toBeGreaterThan(5);
    },
  );

  it.each(cases)('changes nothing after a double click in %s, saved as %s', async (locale, as) => {
    const { file, apply, all, items } = await exported();
    const report = await apply(throughExcel(file, locale, as));
    // Where the language separates by semicolons, a line with a line break in a cell cannot be put together again.
    expect([report.changed, report.proposed]).toEqual([0, undefined]);
    for (const { code } of report.failures) expect(code).toBe('invalid_request');
    if (locale === 'en-US') expect(report.failed).toBe(0);
    expect(report.unchanged).toBeGreaterThan(items.length / 2);
    expect(await all()).toEqual(items);
  });

  it.each(cases)('takes the one edit made in Excel in %s, saved as %s', async (locale, as) => {
    const { file, apply, items } = await exported();
    const edit = (rows: string[][]) => {
      const [header] = rows;
      rows[1]![header!.indexOf('assignee')] = 'ben@example.com';
      Object.assign(rows[2]!, { [header!.indexOf('resolution')]: 'ACCEPTED' });
      rows.push(Array.from(header!, () => ''));
    };
    const report = await apply(throughExcel(file, locale, as, { with: ',' }, edit));
    expect(report).toMatchObject({ changed: 2, unchanged: items.length - 2, failed: 0 });
  });
});

describe('an edit in a file that a spreadsheet rewrote', () => {
  const line = async (cells: Record<string, string>, assignee = '00042', raw?: (text: string) => Buffer) => {
    const { desk, raised, found } = aDesk();
    const { id } = await raised({ reason: 'Amount mismatch', amount: '1234.50', currency: 'EUR' });
    accepted(await desk.handle(id, { type: 'assign', assignee }, meta));
    const all = { id, version: '2', ...cells };
    const text = `${Object.keys(all).join(';')}\n${Object.values(all).join(';')}\n`;
    const file = raw?.(text) ?? Buffer.from(text);
    const report = accepted(await new EditDesk(desk, 5).apply(editLines(Readable.from([file])), meta));
    const { assignedTo, status } = await found(id);
    return { report, assignedTo, status, error: report.failures[0]?.error };
  };

  it.each([
    ['00042', '42'],
    ['1E5', '100000'],
    ['1E5', '1,00E+05'],
    ['3-4', '03. Apr'],
    ['zoë@example.com', 'zoÃ«@example.com'],
    ['true', 'WAHR'],
  ])('without the assignee that was: %s as %s is refused with a sentence', async (was, cell) => {
    const { report, assignedTo, error } = await line({ assignee: cell }, was);
    expect(report).toMatchObject({ changed: 0, failed: 1, failures: [{ line: 2, code: 'invalid_request' }] });
    expect([assignedTo, error]).toEqual([was, expect.stringMatching(/^assignee (may be|was) .*\.$/)]);
  });

  it.each([
    ['1,20E+15', /exponent/],
    ['zoÃ«@example.com', /encoding/],
    ['zo\ufffd', /encoding/],
    ['#NAME?', /error of the spreadsheet/],
    ['03. Apr', /date/],
    ['04.03.2026', /date/],
  ])('%s is refused as a name and as a resolution', async (cell, sentence) => {
    const named = await line({ assignee: cell, assigneeWas: '42' });
    expect([named.assignedTo, named.error]).toEqual(['00042', expect.stringMatching(sentence)]);
    const resolved = await line({ resolution: cell });
    expect([resolved.status, resolved.error]).toEqual(['ASSIGNED', expect.stringMatching(sentence)]);
  });

  it.each(['ben@example.com', 'agent-7', 'zoë@example.com', 'CAFÉ»', '2 nd shift', 'March team 4', '#ops'])(
    'the name %s is taken',
    async (cell) => {
      const { report, assignedTo } = await line({ assignee: cell, assigneeWas: '42' });
      expect([report.changed, assignedTo]).toEqual([1, cell]);
    },
  );

  it('takes no letters beyond ASCII from a line that is not UTF-8', async () => {
    const latin = (text: string) => Buffer.from(text, 'latin1');
    const refused = await line({ assignee: 'zoë', assigneeWas: '42' }, '00042', latin);
    expect([refused.assignedTo, refused.error]).toEqual(['00042', expect.stringContaining('UTF-8')]);
    const taken = await line({ assignee: 'ben', assigneeWas: '42', source: 'é' }, '00042', latin);
    expect(taken.error).toMatch(/^source was edited/);
    expect((await line({ assignee: 'ben', assigneeWas: '42' }, '00042', latin)).assignedTo).toBe('ben');
  });

  it.each([
    ['status', 'RESOLVED'],
    ['severity', 'LOW'],
    ['amount', '1300.00'],
    ['amount', ''],
    ['currency', 'USD'],
    ['exceptionReason', 'Duplicate'],
    ['source', 'bank'],
    ['dueAt', '2031-12-31'],
    ['externalIssueId', 'RECON-1'],
    ['transactionId', '019b7c00-0000-7000-8000-00000000aaaa'],
  ])('in the column %s is refused by its name', async (column, cell) => {
    const { report, assignedTo, error } = await line({ assignee: 'ben', assigneeWas: '42', [column]: cell });
    expect([report.changed, assignedTo]).toEqual([0, '00042']);
    expect(error).toMatch(new RegExp(`^${column} was edited; only assignee, resolution, reason can be\\.$`));
  });

  it.each([
    [{ reason: 'Too small.' }, /^reason goes with a resolution/],
    [
      { resolution: 'ACCEPTED', assignee: 'ben', assigneeWas: '42' },
      /^assignee and resolution were both edited/,
    ],
  ])('of %j does not pass in silence', async (cells, sentence) => {
    expect((await line(cells)).error).toMatch(sentence);
  });

  it('leaves lines of empty cells out of account, and columns of other names', async () => {
    const { desk, raised, found } = aDesk();
    const { id } = await raised();
    const file = `id\tversion\tassignee\tmy notes\t\n\t\t\t\t\n${id}\t1\tben\tx\t\t\t\n \t\t\n`;
    const report = accepted(
      await new EditDesk(desk, 5).apply(editLines(Readable.from([Buffer.from(file)])), meta),
    );
    expect(report).toEqual({ received: 1, changed: 1, unchanged: 0, failed: 0, failures: [] });
    expect((await found(id)).assignedTo).toBe('ben');
  });
});

/** Gnumeric's converter, which scripts/system-programs.mjs installs in a build; missed aloud elsewhere. */
const hasConverter = (): boolean => spawnSync('ssconvert', ['--version'], { stdio: 'ignore' }).status === 0;

describe('through Gnumeric', () => {
  const isThere = hasConverter();
  if (!isThere)
    console.warn('ssconvert is not on the PATH (package gnumeric): no real spreadsheet was tried.');
  const maybe = isThere ? it : it.skip;
  let folder: string;
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'spreadsheet-'))));
  afterAll(() => rmSync(folder, { recursive: true }));

  function converted(file: Buffer, options: string): Buffer {
    const [given, workbook, back] = ['given.csv', 'book.xlsx', 'back.txt'].map((name) => join(folder, name));
    writeFileSync(given!, file);
    const run = (...args: string[]) => execFileSync('ssconvert', args, { stdio: 'ignore', timeout: 60_000 });
    run(given!, workbook!);
    run('-T', 'Gnumeric_stf:stf_assistant', '-O', options, workbook!, back!);
    return readFileSync(back!);
  }

  maybe.each([
    ['commas', 'separator=, format=raw'],
    ['semicolons', 'separator=; format=raw quoting-mode=always'],
    ['commas, as displayed', 'separator=, format=preserve'],
    ['semicolons, as displayed', 'separator=; format=preserve quoting-mode=always'],
    [
      'semicolons, in another encoding',
      'separator=; charset=ISO-8859-1 transliterate-mode=transliterate quoting-mode=always',
    ],
  ])('an export that nothing has touched changes nothing: %s', async (_, options) => {
    const { back, items } = await changesNothing((file) => converted(file, options));
    expect(naiveEdits(back, items)).toBeGreaterThan(3);
  });

  maybe('a line whose semicolons it did not quote is refused, and the others count', async () => {
    const { file, apply, all, items } = await exported();
    const report = await apply(converted(file, 'separator=; format=raw quoting-mode=auto'));
    expect(report).toMatchObject({ changed: 0, unchanged: items.length - 2, failed: 2 });
    expect(report.failures[0]!.error).toBe('The line has 24 cells, the header has 22.');
    expect(await all()).toEqual(items);
  });
});

describe('amounts of an import', () => {
  const imported = async (separator: string, cell: string, currency = 'EUR') => {
    const { desk, uow } = aDesk();
    const text = ['transactionId', 'reason', 'currency', 'amount'].join(separator);
    const id = '019b7c00-0000-7000-8000-00000000aaaa';
    const line = [id, 'LATE', currency, `"${cell}"`].join(separator);
    const file = Readable.from([Buffer.from(`${text}\n${line}\n${separator.repeat(3)}\n`)]);
    const report = await new ImportDesk(desk, 5).raise(csvLines(file), meta);
    const found = await uow.run({ tenant: meta.tenant }, async (tx) =>
      ok((await tx.exceptions.unresolved([{ transactionId: id, reason: 'LATE' }]))[0]),
    );
    return accepted(found)?.amount?.amount ?? report.rejectedLines[0]?.message;
  };

  it.each([
    [',', '1234.50', '1234.50'],
    [';', '1234,5', '1234.50'],
    [';', '-1.234,56', '-1234.56'],
    [';', '1234.56', '1234.56'],
    ['\t', '1,234.56', '1234.56'],
    [';', '1.234.567', '1234567.00'],
    [';', '1 234,56', '1234.56'],
    [';', '1\u202f234,56', '1234.56'],
    [',', "1'234.56", '1234.56'],
    [',', '\u22120.50', '-0.50'],
    [';', '0,123', /3|at most 2/],
    [',', '1,234', /write 1234 or 1,2340/],
    [',', '1234,56', /must have a point before its fraction/],
    [';', '1.234', /write 1234 or 1.2340/],
    ['\t', '-1,234', /may be either/],
    [',', '1.20E+15', /exponent/],
    [';', '1,2e5', /exponent/],
    [',', '1e3', /exponent/],
    [',', '12.3.4', /amount/],
    [';', '1,23,4', /amount/],
    [',', 'EUR 5', /amount/],
  ])('behind %j: %s is %s', async (separator, cell, expected) => {
    const found = await imported(separator, cell);
    if (typeof expected === 'string') expect(found).toBe(expected);
    else expect(found).toMatch(expected);
  });

  it('with three digits may have what their currency has', async () => {
    expect(await imported(',', '1.234', 'BHD')).toBe('1.234');
    expect(await imported(';', '1,2340', 'BHD')).toBe('1.234');
  });
});
