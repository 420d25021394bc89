import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { Transform } from 'node:stream';

/** Stands between the service and its database, which can be taken away, silenced, frozen and given back. */
export type DatabaseProxy = Readonly<{
  /** The database's URL, through the proxy. */
  url: string;
  /** Cuts all connections; new ones are cut, too, until it is restored. */
  takeAway: () => void;
  /**
   * Open connections stay open and carry nothing any more, in neither direction, for ever: a middlebox that lost its
   * state. With `connecting`, new ones are accepted and silent as well, until it is restored.
   */
  silence: (options?: { connecting: boolean }) => void;
  /** Nothing gets through, and everything is kept until it is restored: a host that stands still, and goes on. */
  freeze: () => void;
  /** New connections work again, and frozen ones go on; silent ones stay silent. */
  restore: () => void;
  close: () => Promise<void>;
}>;

type Link = { readonly near: Socket; readonly far: Socket; silent: boolean };

/** With `inventsPids`, a session's process id is not that of its backend, as with a pooler. It cannot be held then. */
export async function databaseProxy(
  databaseUrl: string,
  { inventsPids }: { inventsPids: boolean } = { inventsPids: false },
): Promise<DatabaseProxy> {
  const target = new URL(databaseUrl);
  const links = new Set<Link>();
  let state: 'open' | 'away' | 'silent' | 'frozen' = 'open';
  const cut = () => {
    for (const { near, far } of links) {
      near.destroy();
      far.destroy();
    }
  };
  const server = createServer((near) => {
    if (state === 'away') return void near.destroy();
    const far = connect(Number(target.port), target.hostname);
    const link: Link = { near, far, silent: state === 'silent' };
    links.add(link);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        if (link.silent) return;
        links.delete(link);
        other.destroySoon();
      });
    }
    if (inventsPids) near.pipe(far).pipe(inventPid()).pipe(near);
    else if (state === 'open') carry(link);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    takeAway: () => {
      state = 'away';
      cut();
    },
    silence: ({ connecting } = { connecting: false }) => {
      if (connecting) state = 'silent';
      for (const link of links) {
        link.silent = true;
        hold(link);
      }
    },
    freeze: () => {
      state = 'frozen';
      for (const link of links) hold(link);
    },
    restore: () => {
      state = 'open';
      for (const link of links) if (!link.silent) carry(link);
    },
    close: async () => {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function carry({ near, far }: Link): void {
  near.pipe(far);
  far.pipe(near);
}

/** What arrives stays in the buffers of the operating system, its ending included. */
function hold({ near, far }: Link): void {
  for (const socket of [near, far]) {
    socket.unpipe();
    socket.pause();
  }
}

/** Rewrites the message BackendKeyData: K, its length of 12, the process id, a key. */
function inventPid(): Transform {
  const head = Buffer.from([0x4b, 0, 0, 0, 12]);
  let done = false;
  return new Transform({
    transform(chunk: Buffer, _, pass) {
      const at = done ? -1 : chunk.indexOf(head);
      if (at >= 0) {
        done = true;
        chunk.writeInt32BE(2 ** 30 + (chunk.readInt32BE(at + head.length) % 1000), at + head.length);
      }
      pass(null, chunk);
    },
  });
}
