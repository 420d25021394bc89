import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { bounds } from './support/bounds';
import type { LiveProbe } from './support/live-probe';
import { Line, requestBytes } from './support/load';
import type { Server } from './support/server';
import { idAt, tokenFor } from './support/setting';
import { printTable } from './support/statistics';

const clients = 800;
const bodyBytes = 1_000_000;
/** Another address than that of the client who works meanwhile. */
const attacker = '127.0.0.2';
const holdMs = 5000;

const head = (path: string, headers: Readonly<Record<string, string>>): string =>
  requestBytes('POST', path, { 'content-type': 'application/json', ...headers }, Buffer.alloc(0))
    .toString()
    .replace('\r\n\r\n', `\r\ncontent-length: ${bodyBytes}\r\n\r\n`);

const attacks: Readonly<Record<string, () => string>> = {
  'without a token': () => head('/v1/exceptions', {}),
  'with a token that is none': () => head('/v1/exceptions', { authorization: 'Bearer a.b.c' }),
  'to no connection': () => head(`/v1/inbound/jira/${idAt(1)}`, {}),
  'to no route': () => head('/v1/nothing', {}),
  'with a token': () => head('/v1/exceptions', { authorization: `Bearer ${tokenFor()}` }),
  'files with a token': () =>
    head('/v1/exceptions/import', { authorization: `Bearer ${tokenFor()}`, 'content-type': 'text/csv' }),
};

/**
 * Many clients that send a body of 1 MB but for its last byte. Meanwhile another client works: its every request has to be
 * answered. Answers what misses a bound.
 */
export async function slowConnections(service: Server, probe: LiveProbe): Promise<readonly string[]> {
  const rows: Record<string, string>[] = [];
  const misses: string[] = [];
  for (const [name, first] of Object.entries(attacks)) {
    await pause(1000);
    await probe.longest();
    const before = service.memory() ?? 0;
    let most = before;
    const watch = setInterval(() => (most = Math.max(most, service.memory() ?? 0)), 50);
    const attack = Promise.all(Array.from({ length: clients }, () => hold(service.port, first())));
    const worked = await workFor(service.port, holdMs);
    const sockets = await attack;
    clearInterval(watch);
    for (const socket of sockets) socket.destroy();
    const grown = most - before;
    const liveMs = await probe.longest();
    if (grown > bounds.memoryMb) misses.push(`${name}: memory grew by ${grown.toFixed(0)} MB`);
    if (worked.failed) misses.push(`${name}: ${worked.failed} requests of another client failed`);
    rows.push({
      [`${clients} bodies of 1 MB`]: name,
      'memory before, MB': before.toFixed(0),
      'grown by, MB': grown.toFixed(0),
      'requests of another client': String(worked.done),
      'of them failed': String(worked.failed),
      'live at most, ms': liveMs.toFixed(0),
    });
  }
  printTable(`Connections that send all but one byte, aim <= ${bounds.memoryMb} MB`, rows);
  return misses;
}

async function hold(port: number, first: string): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: attacker });
  // The service may refuse the body and close the connection.
  socket.on('error', () => undefined).resume();
  await once(socket, 'connect');
  socket.write(first);
  socket.write(Buffer.alloc(bodyBytes - 1, ' '));
  return socket;
}

/** Raises exceptions one after the other, and reads them. */
async function workFor(port: number, ms: number): Promise<{ done: number; failed: number }> {
  const line = await Line.to(port);
  const headers = { authorization: `Bearer ${tokenFor()}`, 'content-type': 'application/json' };
  let [done, failed] = [0, 0];
  for (const end = performance.now() + ms; performance.now() < end; done++) {
    const body = Buffer.from(JSON.stringify({ transactionId: idAt(done % 1000), reason: 'meanwhile' }));
    const { status } = await line.exchange(requestBytes('POST', '/v1/exceptions', headers, body));
    if (status >= 300) failed++;
  }
  line.close();
  return { done, failed };
}
