import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';

interface Expectation {
  received: number;
  raised: number;
  seenAgain: number;
  rejected: number;
  rejectedLines: { line: number; kind: string }[];
}

/** A line as an importer sees it; `amount` is the text as written, never a float. */
interface Line {
  line: number;
  transactionId: string;
  reason: string;
  severity?: string;
  amount?: string;
  currency?: string;
  occurredAt?: string;
  source?: string;
  dueAt?: string;
  differences?: { field: string; expected: string; actual: string }[];
  metadata: Record<string, string>;
}

const AS_OF = Date.parse('2026-03-02T08:00:00Z');
const DAY = 86_400_000;
const DIGITS: Record<string, number> = {
  BRL: 2,
  USD: 2,
  EUR: 2,
  GBP: 2,
  MXN: 2,
  JPY: 0,
  BHD: 3,
  KWD: 3,
  CLF: 4,
};
const REASONS = [
  'Amount mismatch detected',
  'Currency mismatch',
  'Duplicate in gateway settlement',
  'Fee variance above tolerance',
  'Missing in bank statement',
  'Missing in gateway settlement',
  'Missing in ledger',
  'Settlement missing in bank statement',
  'Value date differs',
  'Value date differs across month end',
];
const BAD_IN_BOTH = [
  'amount_without_currency',
  'blank_reason',
  'broken_json',
  'date_only',
  'decimal_comma',
  'impossible_date',
  'missing_transaction_id',
  'nested_too_deep',
  'not_a_uuid',
  'reason_too_long',
  'too_many_differences',
  'too_precise_bhd',
  'too_precise_jpy',
  'unknown_currency',
  'unknown_severity',
];
const BAD_KINDS = {
  'breaks.ndjson': [
    ...BAD_IN_BOTH,
    'duplicated_member',
    'metadata_number',
    'not_an_object',
    'unknown_member',
  ],
  'breaks.csv': [...BAD_IN_BOTH, 'too_few_cells', 'too_many_cells'],
};

const generator = join(__dirname, 'generate.mjs');
const committed = (name: string): Buffer => readFileSync(join(__dirname, name));
const expectations = JSON.parse(committed('expected.json').toString()) as Record<string, Expectation>;
const key = ({ transactionId, reason }: Line): string => `${transactionId} ${reason}`;
const distinct = (values: (string | undefined)[]): string[] =>
  [...new Set(values.filter((value) => value !== undefined))].sort();

function linesOfNdjson(): { good: Line[]; received: number } {
  const bad = new Set(expectations['breaks.ndjson']!.rejectedLines.map(({ line }) => line));
  const lines = committed('breaks.ndjson').toString().split('\n');
  const good = lines.flatMap((text, index) => {
    if (text === '' || bad.has(index + 1)) return [];
    const amount = /"amount":"?([^",}]*)/.exec(text)?.[1];
    return [{ ...(JSON.parse(text) as Line), line: index + 1, ...(amount !== undefined && { amount }) }];
  });
  return { good, received: lines.filter((text) => text !== '').length };
}

function linesOfCsv(): { good: Line[]; received: number } {
  const bad = new Set(expectations['breaks.csv']!.rejectedLines.map(({ line }) => line));
  const rows = parse(committed('breaks.csv'), { relaxColumnCount: true, recordDelimiter: '\r\n' });
  const header = rows[0]!;
  let line = 1;
  let received = 0;
  const good: Line[] = [];
  for (const cells of rows) {
    const start = line;
    line += cells.join('').split('\n').length;
    if (start === 1 || cells.join('') === '') continue;
    received += 1;
    if (bad.has(start)) continue;
    expect(cells).toHaveLength(header.length);
    const filled = header.flatMap((name, i) => (cells[i] ? [[name, cells[i]] as const] : []));
    const { differences, ...members } = Object.fromEntries(
      filled.filter(([name]) => !name.startsWith('metadata.')),
    );
    good.push({
      ...(members as unknown as Line),
      line: start,
      ...(differences !== undefined && {
        differences: JSON.parse(differences) as Line['differences'] & object,
      }),
      metadata: Object.fromEntries(
        filled.filter(([name]) => name.startsWith('metadata.')).map(([name, cell]) => [name.slice(9), cell]),
      ),
    });
  }
  return { good, received };
}

describe('the committed feeds', () => {
  const folder = mkdtempSync(join(tmpdir(), 'breaks-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ['breaks.ndjson', []],
    ['breaks.csv', ['--rows', '1200', '--seed', '11', '--format', 'csv']],
  ])('%s is what the generator writes, byte for byte', (name, options) => {
    const expectFile = join(folder, `${name}.json`);
    const bytes = execFileSync(process.execPath, [generator, ...options, '--expect', expectFile], {
      maxBuffer: 1e8,
    });
    expect(bytes.equals(committed(name))).toBe(true);
    expect(JSON.parse(readFileSync(expectFile, 'utf8'))).toEqual(expectations[name]);
    expect(bytes.length).toBeLessThan(3e6);
  });

  it('gives other bytes for another seed', () => {
    const run = (seed: string): string =>
      spawnSync(process.execPath, [generator, '--rows', '50', '--seed', seed], { encoding: 'utf8' }).stdout;
    expect(run('1')).toBe(run('1'));
    expect(run('1')).not.toBe(run('2'));
  });

  it('has at least 5,000 lines in the larger one', () => {
    expect(expectations['breaks.ndjson']!.received).toBeGreaterThanOrEqual(5000);
  });

  it('is counted in the README as in expected.json', () => {
    const readme = committed('README.md').toString().replace(/ +/g, ' ');
    for (const [name, { received, raised, seenAgain, rejected }] of Object.entries(expectations)) {
      expect(readme).toContain(`| \`${name}\` | ${[received, raised, seenAgain, rejected].join(' | ')} |`);
    }
  });
});

describe.each([
  ['breaks.ndjson' as const, linesOfNdjson],
  ['breaks.csv' as const, linesOfCsv],
])('%s', (name, read) => {
  const { good, received } = read();
  const expected = expectations[name]!;

  it('adds up', () => {
    const raised = new Set(good.map(key)).size;
    expect(expected).toMatchObject({ received, raised, seenAgain: good.length - raised });
    expect(expected.rejected).toBe(expected.rejectedLines.length);
    expect(expected.raised + expected.seenAgain + expected.rejected).toBe(received);
  });

  it('is about 1 % bad and 2 % seen again', () => {
    expect(expected.rejected / received).toBeLessThan(0.02);
    expect(expected.seenAgain / received).toBeCloseTo(0.02, 3);
  });

  it('has every kind of break, currency and bad line', () => {
    expect(distinct(good.map(({ reason }) => reason))).toEqual(REASONS);
    expect(distinct(good.map(({ currency }) => currency))).toEqual(Object.keys(DIGITS).sort());
    expect(distinct(expected.rejectedLines.map(({ kind }) => kind))).toEqual([...BAD_KINDS[name]].sort());
  });

  it('has ids of version 4 and 7', () => {
    const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-([47])[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    expect(distinct(good.map(({ transactionId }) => uuid.exec(transactionId)?.[1] ?? transactionId))).toEqual(
      ['4', '7'],
    );
  });

  it('has amounts with exactly the digits of their currency, credits among them', () => {
    for (const { amount, currency } of good) {
      expect(amount === undefined).toBe(currency === undefined);
      if (amount === undefined || currency === undefined) continue;
      expect(amount).toMatch(/^-?(0|[1-9]\d*)(\.\d+)?$/);
      expect((amount.split('.')[1] ?? '').length).toBe(DIGITS[currency]);
      expect(Number(amount)).not.toBe(0);
    }
    expect(good.some(({ amount }) => amount?.startsWith('-'))).toBe(true);
  });

  it('has real, past moments, most of them within ten days, some with an offset', () => {
    const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?(Z|[+-]\d\d:00)$/;
    const moments = good.flatMap(({ occurredAt }) => occurredAt ?? []);
    for (const text of [...moments, ...good.flatMap(({ dueAt }) => dueAt ?? [])])
      expect(text).toMatch(rfc3339);
    const ages = moments.map((text) => AS_OF - Date.parse(text));
    expect(Math.min(...ages)).toBeGreaterThanOrEqual(0);
    expect(ages.filter((age) => age <= 10 * DAY).length / ages.length).toBeGreaterThan(0.85);
    expect(distinct(moments.map((text) => text.slice(-6)))).toEqual(
      expect.arrayContaining(['-03:00', '+09:00']),
    );
  });

  it('has differences and metadata of text, and says little about severity', () => {
    for (const { differences, metadata, source, reason } of good) {
      expect(reason.length).toBeLessThanOrEqual(255);
      expect(source).toMatch(/^(bank|ledger|gateway):[a-z]+$/);
      for (const { field, expected: a, actual: b, ...rest } of differences ?? []) {
        expect([typeof field, typeof a, typeof b, rest]).toEqual(['string', 'string', 'string', {}]);
        expect(a).not.toBe(b);
      }
      for (const value of Object.values(metadata)) expect(typeof value).toBe('string');
    }
    expect(good.filter(({ severity }) => severity === undefined).length / good.length).toBeGreaterThan(0.9);
    expect(good.some(({ metadata }) => metadata['counterparty']?.includes('\n'))).toBe(true);
  });

  it('repeats some breaks as they were, some graver, some milder', () => {
    const first = new Map<string, Line>();
    const repeats = good.flatMap((line) => {
      const before = first.get(key(line));
      if (before) return [line.severity === before.severity ? 'same' : line.severity];
      first.set(key(line), line);
      return [];
    });
    expect(distinct(repeats)).toEqual(['CRITICAL', 'LOW', 'same']);
  });

  it('never repeats a rejected line, broken or mended', () => {
    const raised = new Set(good.map(({ transactionId }) => transactionId));
    const text = committed(name).toString();
    const lines = text.split('\n');
    const once = expected.rejectedLines.flatMap(
      ({ line }) => /[0-9a-f-]{36}/.exec(lines[line - 1]!)?.[0] ?? [],
    );
    expect(once.filter((id) => raised.has(id))).toEqual([]);
  });
});

describe('the command line', () => {
  it.each([
    [['--rows', '0'], '--rows must be a whole number from 1 to'],
    [['--seed', 'x'], '--seed must be a whole number from 0 to'],
    [['--as-of', '2026-03-02'], '--as-of must be an RFC 3339 date-time'],
    [['--format', 'xml'], '--format must be ndjson or csv.'],
    [['--nonsense'], "Unknown option '--nonsense'"],
  ])('refuses %j with a sentence', (options, sentence) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [generator, ...options], {
      encoding: 'utf8',
    });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain(sentence);
  });

  it('prints the expectation on standard error when it has no file for it', () => {
    const { stderr } = spawnSync(process.execPath, [generator, '--rows', '30'], { encoding: 'utf8' });
    expect(JSON.parse(stderr)).toEqual({
      received: 30,
      raised: 30,
      seenAgain: 0,
      rejected: 0,
      rejectedLines: [],
    });
  });
});
