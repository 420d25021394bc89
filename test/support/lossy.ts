import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';

/** What becomes of one request on the way to the other side, and of its answer on the way back. */
export type Fate =
  | 'passed'
  /** It never arrives. */
  | 'lost'
  /** It arrives, and its answer does not. */
  | 'unanswered'
  /** It arrives, and a proxy answers that it failed. */
  | 'failed'
  /** A proxy answers in the other side's place. */
  | Readonly<{ status: number; body?: string; headers?: Record<string, string> }>
  | Readonly<{ delayMs: number }>;

export type Passing = Readonly<{
  /** The `webhook-id`. */
  id: string;
  /** How often it has come by, this time included. */
  times: number;
}>;

/** A line to another server on which things get lost, in this process. */
export type Lossy = Readonly<{
  /** To be allowed by EGRESS_ALLOW, and to be called in the place of the other's. */
  origin: string;
  /** What becomes of requests from now on; they are passed unless told otherwise. */
  fate: (of?: (passing: Passing) => Fate | Promise<Fate>) => void;
  /** Everything that came by, in order. */
  passed: Passing[];
  close: () => Promise<void>;
}>;

export async function lossyLine(to: string): Promise<Lossy> {
  const passed: Passing[] = [];
  let fateOf: (passing: Passing) => Fate | Promise<Fate> = () => 'passed';
  const carry = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(request);
    const id = String(request.headers['webhook-id']);
    const passing = { id, times: passed.filter((one) => one.id === id).length + 1 };
    passed.push(passing);
    const fate = await fateOf(passing);
    if (fate === 'lost') return cut(request);
    if (typeof fate === 'object' && 'status' in fate)
      return void response.writeHead(fate.status, fate.headers).end(fate.body);
    if (typeof fate === 'object') await pause(fate.delayMs);
    const { host: _ours, connection: _theirs, ...headers } = request.headers as Record<string, string>;
    const answer = await fetch(`${to}${request.url}`, { method: request.method!, headers, body });
    const answered = Buffer.from(await answer.arrayBuffer());
    if (fate === 'unanswered') return cut(request);
    if (fate === 'failed') return void response.writeHead(502).end('<h1>502 Bad Gateway</h1>');
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answered);
  };
  const server = createServer((request, response) => {
    // The server may be dead, and the client, too.
    carry(request, response).catch(() => cut(request));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fate: (of = () => 'passed') => (fateOf = of),
    passed,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const cut = ({ socket }: IncomingMessage): void => void socket.resetAndDestroy();
