import path from 'node:path';
import { hostileFiles } from './hostile-files';
import { freshDatabases } from './support/databases';
import { hostileBodies, type HostileBody, type Schema, type Schemas } from './support/hostile-bodies';
import { LiveProbe } from './support/live-probe';
import { Line, requestBytes, type Answer } from './support/load';
import { startServer } from './support/server';
import { idAt, tokenFor, type Setting } from './support/setting';
import { signed } from './support/signed';
import { printTable } from './support/statistics';

type Operation = Readonly<{ requestBody?: { content: Readonly<Record<string, { schema: Schema }>> } }>;
type Document = Readonly<{
  paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  components: { schemas: Schemas };
}>;
type Route = Readonly<{ method: string; path: string; schema: Schema }>;

/** In milliseconds: the body and a small one at the service and at a bare server, and JSON.parse of the body. */
type Times = Readonly<Record<'body' | 'small' | 'received' | 'smallReceived' | 'parse', number>>;
type Measured = Readonly<{ kind: string; ratio: number; times: Times; answerBytes: number }>;
type Send = (body: Buffer) => Promise<Answer>;

const aimRatio = 20;
/** A body that seems to miss the aim is measured again with so many times the rounds: the machine may have been busy. */
const moreRounds = 3;

/**
 * What one body of 1 MB costs at worst, for each route that takes one. The cost is the time to the answer, less what a
 * small body to the same route takes, and less what a bare server takes longer for the one than for the other, only to
 * receive it. The unit is what JSON.parse takes for the same bytes in this process. All five take turns.
 */
export async function hostileBench(setting: Setting): Promise<void> {
  const [url = ''] = await freshDatabases(setting, ['hostile']);
  const server = await startServer(setting.service, url);
  const receiver = await startServer(path.join(__dirname, 'receiver.js'), url);
  const probe = new LiveProbe(server.port);
  try {
    const client = new Client(await Line.to(server.port));
    const bare = await Line.to(receiver.port);
    const receive = (body: Buffer) => bare.exchange(requestBytes('POST', '/', {}, body));
    const document = JSON.parse((await client.send('GET', '/openapi.json')).body) as Document;
    const rows: Record<string, string>[] = [];
    const worst = new Map<string, Measured>();
    for (const route of routesOf(document)) {
      await probe.longest();
      const measured = await measureRoute(
        client,
        receive,
        route,
        document.components.schemas,
        setting.rounds,
      );
      for (const one of measured) {
        const kind = one.kind.replace(/ in \w+$/, '');
        if (one.ratio > (worst.get(kind)?.ratio ?? 0)) worst.set(kind, one);
      }
      const name = `${route.method} ${route.path}`;
      const most = measured.reduce((a, b) => (b.ratio > a.ratio ? b : a));
      console.log(`${name}: ${measured.length} bodies, at most ${most.ratio.toFixed(1)} times JSON.parse`);
      rows.push({
        route: name,
        bodies: String(measured.length),
        ...cellsOf(most),
        'longest answer, bytes': String(Math.max(...measured.map(({ answerBytes }) => answerBytes))),
        'live at most, ms': (await probe.longest()).toFixed(0),
      });
    }
    printTable(`Bodies of 1 MB: the worst of each route, aim <= ${aimRatio} times JSON.parse`, rows);
    const kinds = [...worst].sort(([, a], [, b]) => b.ratio - a.ratio);
    printTable(
      'the worst of each kind of body',
      kinds.map(([kind, measured]) => ({ kind, ...cellsOf(measured) })),
    );
    await hostileFiles(server.port, probe);
  } finally {
    await probe.stop();
    await receiver.stop();
    await server.stop();
  }
}

const cellsOf = ({ kind, ratio, times }: Measured) => ({
  'times JSON.parse': ratio.toFixed(1),
  'worst body': kind,
  'answer, ms': times.body.toFixed(1),
  'small body, ms': times.small.toFixed(1),
  'to receive it, ms': (times.received - times.smallReceived).toFixed(1),
  'JSON.parse, ms': times.parse.toFixed(2),
});

/** Inbound messages last: before, connections come and go. */
const routesOf = ({ paths }: Document): Route[] =>
  Object.entries(paths)
    .flatMap(([path, operations]) =>
      Object.entries(operations).flatMap(([method, { requestBody }]): Route[] => {
        const schema = requestBody?.content['application/json']?.schema;
        return schema ? [{ method: method.toUpperCase(), path, schema }] : [];
      }),
    )
    .sort((a, b) => Number(isInbound(a)) - Number(isInbound(b)));

const isInbound = ({ path }: Route): boolean => path.startsWith('/v1/inbound/');

async function measureRoute(
  client: Client,
  receive: Send,
  route: Route,
  schemas: Schemas,
  rounds: number,
): Promise<Measured[]> {
  const send = isInbound(route) ? await client.inbound(route.path) : client.to(route);
  const measured: Measured[] = [];
  for (const body of hostileBodies(route.schema, schemas)) {
    const first = await measure(send, receive, body, rounds);
    const missed = first.ratio > aimRatio;
    measured.push(missed ? await measure(send, receive, body, moreRounds * rounds) : first);
  }
  return measured;
}

const small = Buffer.from('{"unknown":1}');

async function measure(
  send: Send,
  receive: Send,
  { kind, bytes }: HostileBody,
  rounds: number,
): Promise<Measured> {
  let answerBytes = 0;
  const steps: Readonly<Record<keyof Times, () => unknown>> = {
    parse: () => parsed(bytes),
    small: () => send(small),
    smallReceived: () => receive(small),
    received: () => receive(bytes),
    body: async () => {
      const { status, body } = await send(bytes);
      if (status >= 500) throw new Error(`${kind} was answered ${status}: ${body}`);
      answerBytes = Math.max(answerBytes, body.length);
    },
  };
  const seen: Record<string, number[]> = {};
  for (let round = 0; round < rounds; round++)
    for (const [name, step] of Object.entries(steps)) (seen[name] ??= []).push(await timed(step));
  // The least of the rounds, not the median: what else the machine does only ever adds to it.
  const times = Object.fromEntries(
    Object.entries(seen).map(([name, values]) => [name, Math.min(...values)]),
  ) as Times;
  const cost = times.body - times.small - (times.received - times.smallReceived);
  return { kind, ratio: cost / times.parse, times, answerBytes };
}

async function timed(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** What is no JSON takes its time as well, until that is found out. */
function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}

const scopes =
  'admin exception:approve callback:process comment:write dispute:write exception:assign exception:dispatch';

class Client {
  private readonly authorization = { authorization: `Bearer ${tokenFor(undefined, scopes)}` };
  private keys = 0;

  constructor(private readonly line: Line) {}

  send(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
    body: Buffer = Buffer.alloc(0),
  ): Promise<Answer> {
    const type = body.length > 0 ? { 'content-type': 'application/json' } : {};
    return this.line.exchange(requestBytes(method, path, { ...headers, ...type }, body));
  }

  /** Each request has a key of its own, so that its body is fingerprinted. */
  to({ method, path: template }: Route): Send {
    const filled = template.replace('{target}', 'JIRA').replace(/\{\w+\}/g, idAt(1));
    return (body) =>
      this.send(method, filled, { ...this.authorization, 'x-idempotency-key': `key-${++this.keys}` }, body);
  }

  /** The route of a new connection, to which every body is signed. */
  async inbound(route: string): Promise<Send> {
    const [, system = ''] = /inbound\/(\w+)/.exec(route) ?? [];
    const put = Buffer.from(JSON.stringify(settings[system]));
    const made = await this.send('PUT', `/v1/connections/${system.toUpperCase()}`, this.authorization, put);
    const { id, inboundSecret } = JSON.parse(made.body) as { id?: string; inboundSecret?: string };
    const sign = signed[system];
    if (!sign || id === undefined || inboundSecret === undefined)
      throw new Error(`no connection to ${system}: ${made.body}`);
    const address = route.replace('{connection}', id);
    return (body) => this.send('POST', address, sign(inboundSecret, body, `message-${++this.keys}`), body);
  }
}

/** They are never called: nothing is dispatched. A new secret is asked for, since what is there hides its own. */
const settings: Readonly<Record<string, object>> = {
  jira: {
    site: 'https://acme.atlassian.net',
    email: 'desk@acme.example',
    apiToken: 'token-of-the-benchmark',
    project: 'OPS',
    rotateInboundSecret: true,
  },
  servicenow: {
    instance: 'https://acme.service-now.com',
    token: 'token-of-the-benchmark',
    rotateInboundSecret: true,
  },
  webhook: { url: 'https://hooks.acme.example/redress', rotateInboundSecret: true },
  ledger: { url: 'https://ledger.acme.example/redress', rotateInboundSecret: true },
};
