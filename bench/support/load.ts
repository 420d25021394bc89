import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export type Load = Readonly<{ perSecond: number; latencies: readonly number[] }>;
export type Answer = Readonly<{ status: number; body: string }>;

/** A whole request as it goes over the wire. */
export function requestText(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body = '',
): string {
  return `${headText(method, path, headers, Buffer.byteLength(body))}${body}`;
}

/** The same with a body that need not be text. */
export const requestBytes = (
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
): Buffer => Buffer.concat([Buffer.from(headText(method, path, headers, body.length)), body]);

function headText(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  bytes: number,
): string {
  const lines = Object.entries({ host: 'bench', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = bytes > 0 ? `content-length: ${bytes}\r\n` : '';
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}${length}\r\n`;
}

/**
 * Sends each request once, so many at a time, over connections that are kept alive; none may fail. It writes to bare
 * sockets, since a real client would take more of the processor than some of the servers it measures.
 */
export async function load(port: number, concurrency: number, requests: readonly string[]): Promise<Load> {
  const lines = await Promise.all(Array.from({ length: concurrency }, () => Line.to(port)));
  const latencies: number[] = [];
  let next = 0;
  const start = performance.now();
  await Promise.all(
    lines.map(async (line) => {
      for (let request = requests[next++]; request !== undefined; request = requests[next++]) {
        const sent = performance.now();
        const { status, body } = await line.exchange(request);
        latencies.push(performance.now() - sent);
        if (status !== 200) throw new Error(`answered ${status}: ${body}`);
      }
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  for (const line of lines) line.close();
  return { perSecond: requests.length / seconds, latencies };
}

/** One connection, one request at a time. Understands answers with a Content-Length, which all of ours have. */
export class Line {
  private received = '';
  private settle: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined;

  private constructor(private readonly socket: Socket) {
    // One byte, one character: lengths are counted in bytes.
    socket.setEncoding('latin1').setNoDelay(true);
    socket.on('data', (text: string) => {
      this.received += text;
      this.read();
    });
    socket.on('error', (error) => this.settle?.reject(error));
    socket.on('close', () => this.settle?.reject(new Error('the server hung up')));
  }

  static async to(port: number): Promise<Line> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new Line(socket);
  }

  exchange(request: string | Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
      this.socket.write(request);
    });
  }

  close(): void {
    this.settle = undefined;
    this.socket.destroy();
  }

  private read(): void {
    const bodyStart = this.received.indexOf('\r\n\r\n') + 4;
    if (bodyStart < 4) return;
    const head = this.received.slice(0, bodyStart);
    const end = bodyStart + Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    if (this.received.length < end) return;
    const body = this.received.slice(bodyStart, end);
    this.received = this.received.slice(end);
    const { settle } = this;
    this.settle = undefined;
    settle?.resolve({ status: Number(head.slice(9, 12)), body });
  }
}
