import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Dispatcher } from 'undici';
import { wayToThisMachine } from '../../../../test/support/tickets';
import { Exchange } from './egress-exchange';

const gate = wayToThisMachine();
const sockets = new Set<Socket>();
let server: Server;

/** A server that reads the head of a request and does this with the connection. */
async function rawServer(act: (socket: Socket) => void): Promise<number> {
  server = createServer((socket) => {
    sockets.add(socket.on('close', () => sockets.delete(socket)).on('error', () => undefined));
    socket.once('data', () => act(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const stop = async (): Promise<void> => {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
};

const send = (port: number, ms = 5_000) =>
  gate.request({
    method: 'POST',
    url: `http://127.0.0.1:${port}/`,
    body: '{}',
    signal: AbortSignal.timeout(ms),
  });

describe('an answer that breaks off after its head', () => {
  afterEach(stop);

  const halfOf = (head: string) => `HTTP/1.1 ${head}\r\ncontent-length: 9\r\n\r\nhalf`;

  it.each<[string, number, string, (socket: Socket) => void]>([
    ['the body is cut', 201, 'broke the connection', (socket) => void socket.end(halfOf('201 Created'))],
    [
      'there is no body',
      201,
      'broke the connection',
      (socket) => void socket.end(halfOf('201 Created').slice(0, -4)),
    ],
    [
      'after an announcement',
      200,
      'broke the connection',
      (socket) => void socket.end(`HTTP/1.1 103 Early Hints\r\n\r\n${halfOf('200 OK')}`),
    ],
    [
      'a chunk is cut',
      200,
      'broke the connection',
      (socket) => void socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nhalf'),
    ],
    [
      'a chunk has no length',
      200,
      'HTTPParserError|HPE_',
      (socket) => void socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nnone\r\n'),
    ],
    ['it is an error', 500, 'broke the connection', (socket) => void socket.end(halfOf('500 Oops'))],
  ])('keeps its status: %s', async (_, status, why, act) => {
    const port = await rawServer(act);
    expect(await send(port)).toEqual({
      kind: 'lost',
      status,
      problem: expect.stringMatching(
        new RegExp(`^127\\.0\\.0\\.1:\\d+ answered ${status}, but not to the end: .*(${why}).*\\.$`),
      ),
    });
  });

  it('keeps its status when the time is over', async () => {
    const slow = await rawServer((socket) => void socket.write(halfOf('201 Created')));
    expect(await send(slow, 2_000)).toMatchObject({
      kind: 'lost',
      status: 201,
      problem: expect.stringMatching(/time was over/),
    });
  });
});

describe('an exchange', () => {
  it('ends when undici would start it a second time', () => {
    const exchange = new Exchange('hooks.example.com', 100);
    const abort = jest.fn();
    const controller: Dispatcher.DispatchController = {
      aborted: false,
      paused: false,
      reason: null,
      abort,
      pause: () => undefined,
      resume: () => undefined,
    };
    exchange.onRequestStart(controller);
    expect(abort).not.toHaveBeenCalled();
    exchange.onRequestStart(controller);
    expect(abort).toHaveBeenCalledTimes(1);
  });
});
