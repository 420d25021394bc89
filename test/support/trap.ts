import { createHook } from 'node:async_hooks';
import { createServer, type AddressInfo, type LookupFunction } from 'node:net';
import { fakeNames } from './forbidden-hosts';

/** Listens, and cuts off every client. */
export type Trap = Readonly<{ port: number; caught: () => number; close: () => Promise<void> }>;

/** Under every address of this machine unless one is given. */
export async function setTrap(host?: string, port = 0): Promise<Trap> {
  let caught = 0;
  const server = createServer((socket) => {
    caught += 1;
    socket.on('error', () => undefined).destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    caught: () => caught,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}

/** Every attempt of this process to connect to an address, by any module, whether or not it succeeds. */
export function watchConnections(): { attempts: string[]; stop: () => void } {
  const attempts: string[] = [];
  const hook = createHook({
    init(_id, type, _trigger, resource: { address?: string; port?: number }) {
      if (type === 'TCPCONNECTWRAP')
        queueMicrotask(() => attempts.push(`${resource.address}:${resource.port}`));
    },
  }).enable();
  return { attempts, stop: () => void hook.disable() };
}

/** A resolver that makes up its answers, and whom it was asked for. */
export function fakeResolver(answers: (name: string) => readonly string[] = fakeAnswers) {
  const asked: string[] = [];
  const lookup: LookupFunction = (hostname, options, callback) => {
    asked.push(hostname);
    const found = answers(hostname).map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    if (options.all) setImmediate(() => callback(null, found));
    else setImmediate(() => callback(null, found[0]!.address, found[0]!.family));
  };
  return { asked, lookup };
}

export const fakeAnswers = (name: string): readonly string[] =>
  fakeNames[name.replace(/\.$/, '')] ?? ['127.0.0.1'];
