import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';
import type { Json } from './app';

export type ReceivedEvent = Readonly<{
  id: string;
  at: number;
  /** What the reference library said when it checked the signature. */
  verified: boolean;
  headers: Record<string, string>;
  body: Json;
  bytes: number;
}>;

/** What it answers: a status, with headers perhaps. A listener that never answers is dead. */
type Answer = number | Readonly<{ status: number; headers?: Record<string, string> }>;

/** A receiver of webhooks in this process, in the place of a customer's system. */
export type Listener = Readonly<{
  url: string;
  /** To be allowed by EGRESS_ALLOW. */
  origin: string;
  received: ReceivedEvent[];
  /** Those it took, by saying so. */
  taken: ReceivedEvent[];
  secrets: string[];
  answer: (how: (event: ReceivedEvent) => Answer | Promise<Answer>) => void;
  close: () => Promise<void>;
}>;

export async function listen(): Promise<Listener> {
  const received: ReceivedEvent[] = [];
  const taken: ReceivedEvent[] = [];
  const secrets: string[] = [];
  let how: (event: ReceivedEvent) => Answer | Promise<Answer> = () => 204;
  const server = createServer((request, response) => {
    void text(request).then(async (raw) => {
      const headers = request.headers as Record<string, string>;
      const one: ReceivedEvent = {
        id: headers['webhook-id'] ?? '',
        at: performance.now(),
        verified: secrets.some((secret) => verifies(secret, raw, headers)),
        headers,
        body: JSON.parse(raw),
        bytes: Buffer.byteLength(raw),
      };
      received.push(one);
      const given = await how(one);
      const { status, headers: more = {} } = typeof given === 'number' ? { status: given } : given;
      if (status < 300) taken.push(one);
      response.writeHead(status, more).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${origin}/events`,
    origin,
    received,
    taken,
    secrets,
    answer: (next) => (how = next),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function verifies(secret: string, raw: string, headers: Record<string, string>): boolean {
  try {
    new Webhook(secret).verify(raw, headers);
    return true;
  } catch {
    return false;
  }
}
