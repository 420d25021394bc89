import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { Posting } from '@redress/domain';
import { Egress, EgressAllowance } from '@redress/connectors';
import { FakeLedger, type Behaviour } from '../fake-ledger';

/** One ledger for each tenant, asked over HTTP as docs/ledger.md has it; and the way there. */
export class HttpLedger {
  readonly egress: Egress;
  private readonly ledgers = new Map<string, FakeLedger>();

  private constructor(
    private readonly server: Server,
    private readonly origin: string,
  ) {
    this.egress = new Egress({ allow: EgressAllowance.parse(origin)!, userAgent: 'Redress' });
  }

  static async start(): Promise<HttpLedger> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const ledger = new HttpLedger(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    ledger.listen();
    return ledger;
  }

  open(tenant: string, plan: readonly Behaviour[]): FakeLedger {
    const ledger = new FakeLedger([...plan]);
    this.ledgers.set(tenant, ledger);
    return ledger;
  }

  urlOf(tenant: string): string {
    return `${this.origin}/${tenant}`;
  }

  async stop(): Promise<void> {
    await this.egress.close();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private listen(): void {
    this.server.on('request', (request, response) => {
      void json(request).then((body) => {
        const { type, data } = body as { type: string; data: { id: string } & Posting };
        const { id, ...about } = data;
        const posting = { ...about, type: type.replace('ledger.', '') } as Posting;
        const sent = this.ledgers.get(request.url!.slice(1))!.post(id, posting);
        switch (sent.outcome) {
          case 'created':
            return response.end(JSON.stringify({ reference: sent.reference }));
          case 'accepted':
            return response.writeHead(202).end();
          case 'refused':
            return response.writeHead(sent.unseen ? 401 : 422).end(JSON.stringify({ reason: sent.problem }));
          case 'not_sent':
            return response.writeHead(429, { 'retry-after': '120' }).end();
          case 'unknown':
          case 'received': // not of a ledger, which de-duplicates by id
            return response.destroy();
        }
      });
    });
  }
}
