import http from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { mintToken } from '../../apps/api/src/auth/demo-token';
import { scopes } from '../../apps/api/src/auth/scopes';
import { secret, type Answer } from './app';

/** A POST, unless it says otherwise; `body` is sent as it is. */
export type Outgoing = Readonly<{
  method?: string;
  path: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
}>;
export type Send = (request: Outgoing) => Promise<Answer>;

const agent = new http.Agent({ keepAlive: true, maxSockets: 500 });
const answerTimeoutMs = 20_000;

/** Sends over real connections; a connection that breaks is an error, as it is for any client. */
export const sendTo =
  (base: string): Send =>
  ({ method = 'POST', path, headers = {}, body }) =>
    new Promise((resolve, reject) => {
      const request = http.request(base + path, {
        method,
        agent,
        timeout: answerTimeoutMs,
        headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      });
      request.on('timeout', () => request.destroy(new Error('no answer in time')));
      request.on('error', reject);
      request.on('response', (response) => {
        text(response)
          .then((text) => answerOf(response.statusCode!, response.headers as Answer['headers'], text))
          .then(resolve, reject);
      });
      request.end(body);
    });

/** Sends these very bytes, and reads the one answer. For what an HTTP client would not let pass. */
export function sendBytes(url: string, bytes: string | Buffer): Promise<Answer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.setTimeout(answerTimeoutMs, () => socket.destroy(new Error('no answer in time')));
    socket.on('error', reject);
    text(socket)
      .then((received) => {
        const [head = '', ...rest] = received.split('\r\n\r\n');
        const [first = '', ...lines] = head.split('\r\n');
        const headers = lines.map((line) => [
          line.slice(0, line.indexOf(':')).toLowerCase(),
          line.slice(line.indexOf(':') + 1).trim(),
        ]);
        return answerOf(Number(first.split(' ')[1]), Object.fromEntries(headers), rest.join('\r\n\r\n'));
      })
      .then(resolve, reject);
  });
}

function answerOf(status: number, headers: Answer['headers'], text: string): Answer {
  const isJson = (headers['content-type'] ?? '').includes('json');
  return { status, headers, text, body: isJson ? JSON.parse(text) : undefined };
}

/** The header of a person with every permission in this tenant. */
export const bearer = (
  tenant: string,
  actor = 'ana@example.com',
  granted: readonly string[] = scopes,
): { authorization: string } => ({
  authorization: `Bearer ${mintToken({ secret, tenant, actor, scopes: granted, expiresInSeconds: 3600 })}`,
});

export const replayed = (answer: Answer): string | undefined => answer.headers['x-idempotency-replayed'];

/** All that must be the same in every answer to one request. */
export const essence = ({ status, headers, text }: Answer): string =>
  JSON.stringify([status, headers['content-type'], headers['etag'], headers['location'], text]);
