import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Stands between the service and its database, which can be taken away and given back. */
export type DatabaseProxy = Readonly<{
  /** The database's URL, through the proxy. */
  url: string;
  /** Cuts all connections; new ones are cut, too, until it is restored. */
  takeAway: () => void;
  restore: () => void;
  close: () => Promise<void>;
}>;

export async function databaseProxy(databaseUrl: string): Promise<DatabaseProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let away = false;
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const server = createServer((near) => {
    if (away) return void near.destroy();
    const far = connect(Number(target.port), target.hostname);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    takeAway: () => {
      away = true;
      cut();
    },
    restore: () => {
      away = false;
    },
    close: async () => {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
