import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { newId } from '../../apps/api/src/ids';
import { entitySchemas } from '../../libs/typeorm/src/entities/entity-schemas';
import { postgresVersions, startCluster, type Cluster, type PostgresVersion } from '../support/clusters';
import { bearer, sendTo, type Send } from '../support/http-client';
import { headersOf, jiraEvent, pathOf } from '../support/inbound';
import { Outside } from '../support/outside';
import { historyFlaws, ownerOf } from '../support/owner';
import { documented, type RoleSetup } from '../support/role-setups';
import { inHere, type RunningDesk } from '../support/running-desk';
import { runShell, shellBlocks } from '../support/shell-blocks';
import { until } from '../support/until';
import type { Answer, Json } from '../support/app';

/*
 * docs/production.md says how to back up and restore: its very lines are run, on a service that works on, and the service
 * that starts on what was restored has all of it and sends nothing twice.
 */

const [dump, restore, lookUpFirst] = shellBlocks('docs/production.md', 'Backup and restore');

/** A server that the pg_dump of this machine can dump: none that is newer. */
function version(): PostgresVersion | undefined {
  const { stdout, status } = spawnSync('pg_dump', ['--version'], { encoding: 'utf8' });
  const major = status === 0 ? Number(/\d+/.exec(stdout)?.[0]) : 0;
  return postgresVersions()
    .filter((one) => one.major <= major)
    .at(-1);
}
const server = version();
const describeWithPrograms = server === undefined ? describe.skip : describe;
if (server === undefined)
  it.todo('no pg_dump for any server that is here: apt-get install postgresql-client, and these tests run');

const tenant = `tenant-${newId()}`;
const headers = bearer(tenant);

describeWithPrograms('a backup of a service at work', () => {
  let outside: Outside;
  let events: Awaited<ReturnType<typeof eventReceiver>>;
  let clusters: readonly [Cluster, Cluster];
  let folder: string;
  let setup: RoleSetup;
  const desks: RunningDesk[] = [];

  const start = async (on: RoleSetup): Promise<Send> => {
    const desk = await inHere(on, {
      ...outside.env,
      EGRESS_ALLOW: `${outside.env.EGRESS_ALLOW},${events.url}`,
      WORKERS: '2',
    });
    desks.push(desk);
    return sendTo(desk.url);
  };
  const stopAll = async () => {
    for (const desk of desks.splice(0)) await desk.stop();
  };
  const shell = (lines: string | undefined, on: RoleSetup) =>
    runShell(lines!, folder, { MIGRATIONS_DATABASE_URL: on.owner });

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'redress-backup-'));
    [outside, clusters] = await Promise.all([
      Outside.start(),
      Promise.all([startCluster(server!), startCluster(server!)]),
    ]);
    events = await eventReceiver();
    setup = await documented(clusters[0], 'redress');
  }, 120_000);
  afterAll(async () => {
    await stopAll();
    await outside.stop();
    events.stop();
    for (const cluster of clusters) await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is restored elsewhere with every row, goes on there, and sends nothing twice', async () => {
    const send = await start(setup);
    const { ids, waiting, key, delivered } = await fill(send, outside, events);
    const before = await Promise.all(ids.map((id) => bodyOf(send, `/v1/exceptions/${id}`)));
    // The access trail is written within a second.
    await until(async () => (await emptyTables(clusters[0], 'redress')).length === 0);
    const busy = working(send);
    await shell(dump, setup);
    await busy.stop();
    expect(await emptyTables(clusters[0], 'redress')).toEqual([]);

    // The first one works on: what was waiting is sent, and then it is gone.
    await outside.jira.faults();
    await until(async () => (await stateOf(send, waiting)) === 'CONFIRMED', 30_000);
    const tickets = await outside.jira.tickets();
    await stopAll();

    const other = await documented(clusters[1], 'redress');
    await shell(restore, other);
    await shell(lookUpFirst, other);
    expect(await emptyTables(clusters[1], 'redress')).toEqual([]);
    const again = await start(other);
    expect(await Promise.all(ids.map((id) => bodyOf(again, `/v1/exceptions/${id}`)))).toEqual(before);
    const owner = ownerOf(clusters[1].url('redress'));
    expect(await historyFlaws(owner)).toEqual([]);
    const open = await owner.rows(
      `SELECT proname FROM pg_proc WHERE prosecdef AND proname LIKE 'redress%' AND has_function_privilege('public', oid, 'EXECUTE')`,
    );
    expect(open).toEqual([]);
    await owner.end();

    // Secrets, idempotency keys and tenants are as they were.
    expect((await post(again, '/v1/connections/JIRA/test', {})).body).toMatchObject({ ok: true });
    const repeated = await post(again, '/v1/exceptions', key.body, { 'x-idempotency-key': key.key });
    expect([repeated.body.id, repeated.headers['x-idempotency-replayed']]).toEqual([key.id, 'true']);
    const stranger = await again({ method: 'GET', path: '/v1/exceptions', headers: bearer(`${tenant}-2`) });
    expect(stranger.body.items).toEqual([]);

    // What had waited is found where the first one had sent it, and an event that had waited comes, under its id.
    await until(async () => (await stateOf(again, waiting)) === 'CONFIRMED', 30_000);
    expect((await outside.jira.tickets()).map(({ key }) => key)).toEqual(tickets.map(({ key }) => key));
    await until(() => allDelivered(again), 30_000);
    const taken = events.ids();
    const twice = taken.filter((id, i) => taken.indexOf(id) < i);
    expect(twice.length).toBeGreaterThan(0);
    expect(twice.filter((id) => delivered.has(id))).toEqual([]);
    const raised = await post(again, '/v1/exceptions', { transactionId: newId(), reason: 'AFTER' });
    expect(raised.status).toBe(201);
    await stopAll();

    // Without the look-up, what was sent after the backup is sent again.
    const control = await documented(clusters[1], 'control');
    await shell(restore, control);
    const careless = await start(control);
    await until(async () => (await stateOf(careless, waiting)) === 'CONFIRMED', 30_000);
    expect((await outside.jira.tickets()).length).toBe(tickets.length + 1);
  }, 180_000);

  it('does not pass for one when a table could not be read', async () => {
    const owner = ownerOf(setup.owner);
    await owner.rows('ALTER TABLE comment FORCE ROW LEVEL SECURITY');
    await expect(shell(dump, setup)).rejects.toThrow(/row-level security/);
    await owner.rows('ALTER TABLE comment NO FORCE ROW LEVEL SECURITY');
    await owner.end();
  });
});

const post = (send: Send, at: string, body: object, more: object = {}): Promise<Answer> =>
  send({ path: at, headers: { ...headers, ...more }, body: JSON.stringify(body) });

async function done(answer: Promise<Answer>): Promise<Json> {
  const { status, text, body } = await answer;
  if (status >= 300) throw new Error(`${status} ${text}`);
  return body;
}

const bodyOf = (send: Send, at: string): Promise<Json> => done(send({ method: 'GET', path: at, headers }));

const stateOf = async (send: Send, id: string): Promise<string> =>
  (await bodyOf(send, `/v1/exceptions/${id}/dispatches`)).items[0].state;

/** A webhook endpoint of the tenant: the ids of what it took, each time it took it. */
async function eventReceiver() {
  const ids: string[] = [];
  let refuses = 0;
  const receiver = createServer((request, response) => {
    request.resume().on('end', () => {
      if (refuses > 0) response.statusCode = 500;
      else ids.push(String(request.headers['webhook-id']));
      refuses = Math.max(refuses - 1, 0);
      response.end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`,
    ids: () => ids,
    refuseNext: () => void (refuses = 1),
    stop: () => {
      receiver.closeAllConnections();
      receiver.close();
    },
  };
}

const allDelivered = async (send: Send): Promise<boolean> =>
  (await bodyOf(send, '/v1/webhook-deliveries?state=PENDING&limit=1')).items.length === 0;

/** A row in every table; answers what is asked for afterwards. */
async function fill(send: Send, outside: Outside, events: Awaited<ReturnType<typeof eventReceiver>>) {
  const put = (at: string, body: object) =>
    done(send({ method: 'PUT', path: at, headers, body: JSON.stringify(body) }));
  const raise = async (over: object = {}): Promise<string> =>
    (await done(post(send, '/v1/exceptions', { transactionId: newId(), reason: 'FEE', ...over }))).id;
  const act = (id: string, what: string, body: object) =>
    done(post(send, `/v1/exceptions/${id}/${what}`, body));

  await put('/v1/approval-policy', { rules: [{ command: 'resolve', approvers: 1 }] });
  await put('/v1/reason-codes', {
    commands: { force_match: 'free_text', adjust_entry: 'free_text', resolve: 'free_text' },
  });
  const jira = await put('/v1/connections/JIRA', outside.settings.JIRA);
  await done(post(send, '/v1/webhook-endpoints', { url: events.url }));

  const money = { amount: '1500.50', currency: 'EUR' };
  const [adjusted, matched, disputed, sent, waiting] = [
    await raise(money),
    await raise(money),
    await raise(),
    await raise(),
    await raise(),
  ];
  const counterpart = { source: 'bank', transactionId: newId(), ...money };
  await act(adjusted, 'adjust-entry', {
    ...money,
    effectiveAt: '2026-01-01T00:00:00Z',
    reasonCode: 'FEE',
    notes: 'N',
  });
  await act(matched, 'force-match', { overrideReason: 'OTHER', notes: 'N', counterparts: [counterpart] });
  await act(disputed, 'comments', { content: 'Ask the bank.' });
  const dispute = await act(disputed, 'disputes', { category: 'OTHER', description: 'Wrong.' });
  await done(post(send, `/v1/disputes/${dispute.id}/evidence`, { comment: 'The contract.' }));
  await act(disputed, 'resolve', { resolution: 'Paid.' });
  await act(sent, 'dispatch', { targetSystem: 'JIRA' });
  const [issue] = await outside.jira.tickets();
  const body = JSON.stringify(jiraEvent({ reference: issue!.key, stage: 'taken_up' }));
  await done(
    send({ path: pathOf('JIRA', jira.id), headers: headersOf('JIRA', jira.inboundSecret, body), body }),
  );

  const key = { key: newId(), body: { transactionId: newId(), reason: 'ONCE' }, id: '' };
  key.id = (await done(post(send, '/v1/exceptions', key.body, { 'x-idempotency-key': key.key }))).id;
  await until(() => allDelivered(send), 30_000);
  const delivered = new Set(events.ids());

  // One ticket and one event wait while the backup is made.
  await outside.jira.faults({ rateLimit: { every: 1, retryAfter: 1 } });
  events.refuseNext();
  await act(waiting, 'dispatch', { targetSystem: 'JIRA' });
  return { ids: [adjusted, matched, disputed, sent, key.id], waiting, key, delivered };
}

/** Goes on raising until it is told to stop. */
function working(send: Send) {
  const at = { work: true };
  const work = (async () => {
    while (at.work) await done(post(send, '/v1/exceptions', { transactionId: newId(), reason: 'MEANWHILE' }));
  })();
  return {
    stop: async () => {
      at.work = false;
      await work;
    },
  };
}

async function emptyTables(cluster: Cluster, database: string): Promise<string[]> {
  const empty: string[] = [];
  for (const table of Object.keys(entitySchemas)) {
    const [row] = await cluster.run(database, `SELECT EXISTS (SELECT FROM "${table}") AS found`);
    if (row!.found !== true) empty.push(table);
  }
  return empty;
}
