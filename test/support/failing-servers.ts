import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { selfSignedCertificate } from './certificate';

/** A server on 127.0.0.1 in the place of a database. */
export type FailingServer = Readonly<{ port: number; close: () => Promise<void> }>;

async function listening(onConnection: (socket: Socket) => void): Promise<FailingServer> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Accepts connections and never says a word. */
export const muteServer = (): Promise<FailingServer> => listening((socket) => socket.resume());

/** Encrypts with a certificate that no authority has signed. */
export function untrustedServer(): Promise<FailingServer> {
  const certificate = selfSignedCertificate();
  return listening((socket) =>
    socket.once('data', () => {
      socket.write('S');
      new TLSSocket(socket, { isServer: true, ...certificate }).on('error', () => undefined);
    }),
  );
}

const message = (type: string, ...parts: Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};
const int16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);
const int32 = (value: number): Buffer => Buffer.concat([int16(value >>> 16), int16(value & 0xffff)]);
const ready = message('Z', Buffer.from('I'));

/** Lets everyone in, and answers every query with this one row, as the simple query protocol has it. */
export function serverThatAnswers(row: Readonly<Record<string, string>>): Promise<FailingServer> {
  const text = 25;
  const columns = Object.keys(row).map((name) =>
    Buffer.concat([
      Buffer.from(`${name}\0`),
      int32(0),
      int16(0),
      int32(text),
      int16(-1),
      int32(-1),
      int16(0),
    ]),
  );
  const values = Object.values(row).map((value) => Buffer.concat([int32(value.length), Buffer.from(value)]));
  const answer = Buffer.concat([
    message('T', int16(columns.length), ...columns),
    message('D', int16(values.length), ...values),
    message('C', Buffer.from('SELECT 1\0')),
    ready,
  ]);
  return listening((socket) => {
    socket.once('data', () => {
      socket.write(Buffer.concat([message('R', int32(0)), ready]));
      socket.on('data', (bytes: Buffer) => bytes.toString('latin1', 0, 1) === 'Q' && socket.write(answer));
    });
  });
}

/** Passes everything on until a client sends `word`; from then on nothing passes any more, in either direction. */
export function proxyThatFallsSilent(databaseUrl: string, word: string): Promise<FailingServer> {
  const target = new URL(databaseUrl);
  let silent = false;
  return listening((near) => {
    const far = connect(Number(target.port), target.hostname);
    far.on('error', () => undefined);
    near.on('data', (bytes: Buffer) => {
      silent ||= bytes.includes(word);
      if (!silent) far.write(bytes);
    });
    far.on('data', (bytes: Buffer) => !silent && near.write(bytes));
    near.on('close', () => far.destroy());
    far.on('close', () => !silent && near.destroy());
  });
}

/** A port of 127.0.0.1 that nothing listens at. */
export async function closedPort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return String(port);
}
