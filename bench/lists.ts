import { asOwner, freshDatabases } from './support/databases';
import { Line, requestText } from './support/load';
import { fill } from './support/rows';
import { startServer } from './support/server';
import { tokenFor, type Setting } from './support/setting';
import { median, printTable } from './support/statistics';

const smallTable = 10_000;
const samples = 20;
/** How many pages of a hundred lie before the deep one, at most; a small table has fewer. */
const deepest = 200;

/** name → query of a list of exceptions, first page and a page far behind it. */
const queries: Readonly<Record<string, string>> = {
  'newest first': '',
  'open ones': 'status=OPEN',
  'resolved ones': 'status=RESOLVED',
  'by due date': 'sort_by=due_at&sort_order=asc',
  'by severity': 'sort_by=severity',
  'by status': 'sort_by=status',
  'by amount': 'sort_by=amount',
  overdue: 'overdue=true&sort_by=due_at&sort_order=asc',
  'overdue, newest first': 'overdue=true',
  'one assignee': 'assigned_to=analyst-10@example.com',
  'critical ones': 'severity=CRITICAL',
};

type Table = Readonly<{ rows: number; line: Line }>;
type Timed = Readonly<{ name: string; paths: readonly string[] }>;

/** A page of a small tenant and of a large one: what it costs must not follow the size of the table. */
export async function listBench(setting: Setting): Promise<void> {
  const counts = [smallTable, setting.rows];
  const urls = await freshDatabases(
    setting,
    counts.map((rows) => `lists_${rows}`),
  );
  for (const [i, url] of urls.entries()) await asOwner(url, (client) => fill(client, counts[i] ?? 0));
  const services = await Promise.all(urls.map((url) => startServer(setting.service, url)));
  try {
    const tables = await Promise.all(
      services.map(async ({ port }, i) => ({ rows: counts[i] ?? 0, line: await Line.to(port) })),
    );
    const timed: Timed[] = [];
    for (const [name, query] of Object.entries(queries)) {
      timed.push({ name, paths: tables.map(() => pathOf(query)) });
      const deep = [];
      for (const { line, rows } of tables)
        deep.push(await deepPage(line, query, Math.min(deepest, rows / 200)));
      timed.push({ name: `${name}, deep`, paths: deep });
    }
    report(counts, await measure(tables, timed, setting.rounds));
  } finally {
    for (const service of services) await service.stop();
  }
}

const pathOf = (query: string): string => `/v1/exceptions?${query}`;

async function get(line: Line, path: string): Promise<{ nextCursor?: string }> {
  const answer = await line.exchange(requestText('GET', path, { authorization: `Bearer ${tokenFor()}` }));
  if (answer.status !== 200) throw new Error(answer.body);
  return JSON.parse(answer.body) as { nextCursor?: string };
}

/** The path of the page behind so many pages, or of the last one there is. */
async function deepPage(line: Line, query: string, pages: number): Promise<string> {
  let path = pathOf(query);
  for (let page = 0; page < pages; page++) {
    const { nextCursor } = await get(line, `${path}&limit=100`);
    if (nextCursor === undefined) break;
    path = `${pathOf(query)}&cursor=${nextCursor}`;
  }
  return path;
}

/** Milliseconds of each request, one list per table: rounds and tables take turns. */
async function measure(
  tables: readonly Table[],
  timed: readonly Timed[],
  rounds: number,
): Promise<ReadonlyMap<string, number[][]>> {
  const times = new Map(timed.map(({ name }) => [name, tables.map((): number[] => [])]));
  for (let round = 0; round <= rounds; round++) {
    for (const { name, paths } of timed) {
      for (const [i, { line }] of tables.entries()) {
        for (let sample = 0; sample < samples; sample++) {
          const start = performance.now();
          await get(line, paths[i] ?? '');
          // The first round warms up caches and code.
          if (round > 0) times.get(name)?.[i]?.push(performance.now() - start);
        }
      }
    }
  }
  return times;
}

function report(counts: readonly number[], times: ReadonlyMap<string, number[][]>): void {
  const [small, large] = counts.map((rows) => `${rows} rows, ms`);
  printTable(
    'A page of exceptions: the large table against the small one, medians',
    [...times].map(([list, [inSmall = [], inLarge = []]]) => ({
      list,
      ratio: (median(inLarge) / median(inSmall)).toFixed(2),
      [small ?? '']: median(inSmall).toFixed(2),
      [large ?? '']: median(inLarge).toFixed(2),
    })),
  );
}
