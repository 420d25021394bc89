import path from 'node:path';
import { hostileFiles } from './hostile-files';
import { slowConnections } from './slow-connections';
import { bounds, timed } from './support/bounds';
import { freshDatabases } from './support/databases';
import { hostileBodies, type HostileBody } from './support/hostile-bodies';
import { LiveProbe } from './support/live-probe';
import { Line, requestBytes } from './support/load';
import { jsonRoutes, type ApiDocument, type JsonRoute } from './support/routes';
import { RouteClient, type Send } from './support/route-client';
import { startServer, type Server } from './support/server';
import type { Setting } from './support/setting';
import { printTable } from './support/statistics';

/** In milliseconds of the processor: what a small body takes, and what a bare server takes longer to receive a large one. */
type Base = Readonly<Record<'small' | 'receive', number>>;
/** A body at the service, in milliseconds of the processor; JSON.parse of it, in those of the clock. */
type Times = Base & Readonly<Record<'body' | 'parse', number>>;
type Measured = Readonly<{ kind: string; ratio: number; times: Times; answerBytes: number; liveMs: number }>;

/** A body that seems to miss the aim is measured again with so many times the rounds: the machine may have been busy. */
const moreRounds = 3;
const atOnce = 4;

/**
 * What one body of 1 MB costs at worst, for each route that takes one: the processor's time of the service for four of them at
 * once, by each, less what it takes for a small body to the same route, and less what a bare server takes longer for the one
 * than for the other, only to receive it. The unit is what JSON.parse takes for the same bytes in this process. All take turns.
 * Throws when a bound is missed.
 */
export async function hostileBench(setting: Setting): Promise<void> {
  const [url = ''] = await freshDatabases(setting, ['hostile']);
  const service = await startServer(setting.service, url);
  const receiver = await startServer(path.join(__dirname, 'receiver.js'), url);
  const probe = new LiveProbe(service.port);
  try {
    const misses: string[] = [];
    const client = new RouteClient(await linesTo(service));
    const document = JSON.parse((await client.send('GET', '/openapi.json')).body) as ApiDocument;
    const bench = new BodyBench(service, receiver, probe, setting.rounds, await linesTo(receiver));
    misses.push(...(await bench.run(document, client)));
    misses.push(...(await hostileFiles(service, probe, document)));
    misses.push(...(await slowConnections(service, probe)));
    if (misses.length) throw new Error(`These bounds do not hold:\n${misses.join('\n')}`);
    console.log('\nAll bounds hold.');
  } finally {
    await probe.stop();
    await receiver.stop();
    await service.stop();
  }
}

const linesTo = ({ port }: Server): Promise<Line[]> =>
  Promise.all(Array.from({ length: atOnce }, () => Line.to(port)));

class BodyBench {
  private readonly rows: Record<string, string>[] = [];
  private readonly worst = new Map<string, Measured>();
  private readonly misses: string[] = [];

  constructor(
    private readonly service: Server,
    private readonly receiver: Server,
    private readonly probe: LiveProbe,
    private readonly rounds: number,
    private readonly bare: readonly Line[],
  ) {}

  /** Prints what each route and each kind of body costs; answers what misses a bound. */
  async run(document: ApiDocument, client: RouteClient): Promise<readonly string[]> {
    for (const route of jsonRoutes(document)) await this.route(route, document, client);
    printTable(
      `Bodies of 1 MB, ${atOnce} at once: the worst of each route, aim <= ${bounds.ratio} times JSON.parse`,
      this.rows,
    );
    const kinds = [...this.worst].sort(([, a], [, b]) => b.ratio - a.ratio);
    printTable(
      'The worst of each kind of body',
      kinds.map(([kind, measured]) => ({ kind, ...cellsOf(measured) })),
    );
    return this.misses;
  }

  private async route(route: JsonRoute, document: ApiDocument, client: RouteClient): Promise<void> {
    const send = await client.to(route);
    const base = await this.base(send);
    const measured: Measured[] = [];
    for (const body of hostileBodies(route.schema, document.components.schemas)) {
      const first = await this.measure(send, body, base, this.rounds);
      const one = missed(first) ? await this.measure(send, body, base, moreRounds * this.rounds) : first;
      measured.push(one);
      const kind = one.kind.replace(/ in \w+$/, '');
      if (one.ratio > (this.worst.get(kind)?.ratio ?? 0)) this.worst.set(kind, one);
    }
    const name = `${route.method} ${route.path}`;
    const most = measured.reduce((a, b) => (b.ratio > a.ratio ? b : a));
    console.log(`${name}: ${measured.length} bodies, at most ${most.ratio.toFixed(1)} times JSON.parse`);
    for (const one of measured) {
      const miss = missed(one);
      if (miss) this.misses.push(`${name}, ${one.kind}: ${miss}`);
    }
    this.rows.push({
      route: name,
      bodies: String(measured.length),
      ...cellsOf(most),
      'longest answer, bytes': String(Math.max(...measured.map(({ answerBytes }) => answerBytes))),
      'live at most, ms': Math.max(...measured.map(({ liveMs }) => liveMs)).toFixed(0),
    });
  }

  /** What comes off the cost of every body of a route. */
  private async base(send: Send): Promise<Base> {
    const receiveAll = (body: Buffer) =>
      Promise.all(this.bare.map((line) => line.exchange(requestBytes('POST', '/', {}, body))));
    const sendAll = () => Promise.all(this.bare.map(() => send(small)));
    const least = async (server: Server, work: () => Promise<unknown>): Promise<number> => {
      const spent: number[] = [];
      for (let round = 0; round < moreRounds * this.rounds; round++) spent.push(await server.cpuMs(work));
      return Math.min(...spent) / atOnce;
    };
    const large = Buffer.alloc(bodyBytes, ' ');
    const receive = await least(this.receiver, () => receiveAll(large));
    const receiveSmall = await least(this.receiver, () => receiveAll(small));
    return { small: await least(this.service, sendAll), receive: Math.max(0, receive - receiveSmall) };
  }

  private async measure(
    send: Send,
    { kind, bytes }: HostileBody,
    base: Base,
    rounds: number,
  ): Promise<Measured> {
    let answerBytes = 0;
    let liveMs = Infinity;
    const sendAll = async (body: Buffer) => {
      for (const answer of await Promise.all(this.bare.map(() => send(body)))) {
        if (answer.status >= 500) throw new Error(`${kind} was answered ${answer.status}: ${answer.body}`);
        answerBytes = Math.max(answerBytes, answer.body.length);
      }
    };
    const parse: number[] = [];
    const spent: number[] = [];
    for (let round = 0; round < rounds; round++) {
      parse.push(await timed(() => parsed(bytes)));
      await this.probe.longest();
      spent.push(await this.service.cpuMs(() => sendAll(bytes)));
      liveMs = Math.min(liveMs, await this.probe.longest());
    }
    // The least of the rounds, not the median: what else the machine does only ever adds to it.
    const times = { ...base, parse: Math.min(...parse), body: Math.min(...spent) / atOnce };
    const cost = times.body - times.small - times.receive;
    return { kind, ratio: cost / times.parse, times, answerBytes, liveMs };
  }
}

/** Which bound it misses, if any. */
function missed({ ratio, liveMs, answerBytes }: Measured): string | undefined {
  if (ratio > bounds.ratio) return `${ratio.toFixed(1)} times JSON.parse`;
  if (liveMs > bounds.liveMs) return `/health/live took ${liveMs.toFixed(0)} ms`;
  return answerBytes > bounds.answerBytes ? `the answer has ${answerBytes} bytes` : undefined;
}

const cellsOf = ({ kind, ratio, times }: Measured) => ({
  'times JSON.parse': ratio.toFixed(1),
  'worst body': kind,
  'of the processor, ms': times.body.toFixed(1),
  'small body, ms': times.small.toFixed(1),
  'to receive it, ms': times.receive.toFixed(1),
  'JSON.parse, ms': times.parse.toFixed(2),
});

const bodyBytes = 1_000_000;
const small = Buffer.from('{"unknown":1}');

/** What is no JSON takes its time as well, until that is found out. */
function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}
