import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Posting } from '@redress/domain';
import { newId } from '../../../apps/api/src/ids';
import { aMessage, inTime, wayToThisMachine } from '../../../test/support/tickets';
import type { Connector } from './kit/connector';
import { JiraConnector } from './jira/jira.connector';
import { LedgerConnector } from './ledger/ledger.connector';
import { ServiceNowConnector } from './servicenow/servicenow.connector';
import { WebhookConnector } from './webhook/webhook.connector';

/** What a server writes after it has read a request whole; it leaves the connection as it is. */
type Act = (socket: Socket) => void;

const sysId = '0123456789abcdef0123456789abcdef';
const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const way = wayToThisMachine();
let server: Server;
const sockets = new Set<Socket>();

/** A server that answers look-ups of ServiceNow with one incident, and each write by the act. */
async function answering(act: Act): Promise<string> {
  server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined).on('close', () => sockets.delete(socket)));
    let text = '';
    socket.on('data', (data) => {
      text += data.toString();
      const [head = '', body] = text.split('\r\n\r\n');
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      if (body === undefined || Buffer.byteLength(body) < length) return;
      if (head.startsWith('GET '))
        answer('200 OK', JSON.stringify({ result: [{ number: 'INC1', sys_id: sysId }] }))(socket);
      else act(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

const answer =
  (status: string, body: string): Act =>
  (socket) =>
    void socket.end(
      `HTTP/1.1 ${status}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    );

/** Success, in every way that does not bring a reference. */
const successes: readonly (readonly [what: string, act: Act])[] = [
  ['200 and nothing', answer('200 OK', '')],
  ['201 and {}', answer('201 Created', '{}')],
  ['201 and {"result":{}}', answer('201 Created', '{"result":{}}')],
  ['201 and truncated JSON', answer('201 Created', '{"key":"OPS-')],
  ['201 and wrong types', answer('201 Created', '{"key":7,"id":[],"result":{"number":7,"sys_id":{}}}')],
  [
    '201 and an absurd reference',
    answer(
      '201 Created',
      JSON.stringify({ key: `OPS-${'7'.repeat(5000)}`, result: { number: 'I'.repeat(5000), sys_id: sysId } }),
    ),
  ],
  ['202 and HTML', answer('202 Accepted', '<html>Thank you</html>')],
  ['204', (socket) => void socket.end('HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n')],
  ['303', (socket) => void socket.end('HTTP/1.1 303 See Other\r\nlocation: /x\r\ncontent-length: 0\r\n\r\n')],
  [
    'bytes that are no text',
    (socket) => {
      socket.write('HTTP/1.1 201 Created\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\n');
      socket.end(Buffer.from([0x1f, 0x8b, 0xff, 0x00]));
    },
  ],
  [
    '201 and a body that breaks off',
    (socket) => void socket.end('HTTP/1.1 201 Created\r\ncontent-length: 99\r\n\r\n{"key":'),
  ],
  [
    '201 and a chunk that is none',
    (socket) => void socket.end('HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\nnone\r\n'),
  ],
  [
    '201 and more than is read',
    (socket) => {
      const size = 17 * 1024 * 1024;
      socket.write(`HTTP/1.1 201 Created\r\ncontent-length: ${size}\r\n\r\n`);
      socket.end(`{"key":"${'x'.repeat(size - 11)}"}`);
    },
  ],
];

const connectors: Readonly<Record<string, (url: string) => Connector>> = {
  JIRA: (url) => new JiraConnector({ site: url, email: 'a@b.c', apiToken: 'canary', project: 'OPS' }, way),
  SERVICENOW: (url) => new ServiceNowConnector({ instance: url, token: 'canary' }, way),
};
const references: Readonly<Record<string, string>> = { JIRA: 'OPS-7', SERVICENOW: 'INC1' };

describe.each(Object.keys(connectors))('a success of %s without a reference', (name) => {
  const connector = (url: string) => connectors[name]!(url);

  it.each(successes)('means that a ticket was received: %s', async (_what, act) => {
    const url = await answering(act);
    expect((await connector(url).createTicket(newId(), aMessage(), inTime())).outcome).toBe('received');
  });

  it.each(successes.slice(0, -1))('means that a note was received: %s', async (what, act) => {
    const url = await answering(act);
    const sent = await connector(url).addNote(references[name]!, newId(), 'Asked the bank.', inTime());
    expect([what, sent.outcome]).toEqual([what, 'received']);
  });

  it('means so too when the time is over before all of it came', async () => {
    const url = await answering(
      (socket) => void socket.write('HTTP/1.1 201 Created\r\ncontent-length: 9\r\n\r\n{'),
    );
    const sent = await connector(url).createTicket(newId(), aMessage(), AbortSignal.timeout(2_000));
    expect(sent).toMatchObject({
      outcome: 'received',
      problem: expect.stringMatching(/answered 201.*time was over/),
    });
  });

  it('is in doubt as long as no status came', async () => {
    const url = await answering((socket) => void socket.end('HTTP/1.1 201 Cre'));
    expect((await connector(url).createTicket(newId(), aMessage(), inTime())).outcome).toBe('unknown');
  });
});

describe('a receiver that de-duplicates by id', () => {
  it.each(successes.filter(([what]) => what !== '303'))(
    'has a webhook after any success: %s',
    async (_what, act) => {
      const url = await answering(act);
      const id = newId();
      const sent = await new WebhookConnector(
        { url, secrets: [secret] },
        { outbound: way, newId },
      ).createTicket(id, aMessage(), inTime());
      expect(sent).toEqual({ outcome: 'created', reference: id });
    },
  );

  it('as a ledger is asked again when its answer broke off, to bring the reference', async () => {
    const url = await answering(
      (socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"ref'),
    );
    // What is posted does not matter here.
    const posting = { type: 'adjustment', exceptionId: newId() } as Posting;
    const sent = await new LedgerConnector({ url, secrets: [secret] }, { outbound: way, newId }).post(
      newId(),
      posting,
      inTime(),
    );
    expect(sent.outcome).toBe('unknown');
  });
});
