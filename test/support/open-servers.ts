import type { AddressInfo, Server, Socket } from 'node:net';

const servers: Server[] = [];
const sockets = new Set<Socket>();

/** Has a connection closed by `closeServers` too; that it breaks is no error. */
export function closeLater(socket: Socket): void {
  sockets.add(socket.on('close', () => sockets.delete(socket)).on('error', () => undefined));
}

/** Has a server listen on a free port of 127.0.0.1 until `closeServers`; answers the port. */
export async function listening(server: Server): Promise<number> {
  server.on('connection', closeLater);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  return (server.address() as AddressInfo).port;
}

/** Closes those servers with their connections: for `afterEach`. */
export async function closeServers(): Promise<void> {
  for (const socket of sockets) socket.destroy();
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
}
