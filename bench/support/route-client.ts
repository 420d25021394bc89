import { type Line, requestBytes, type Answer } from './load';
import { isInbound, type JsonRoute } from './routes';
import { idAt, tokenFor } from './setting';
import { signed } from './signed';

export type Send = (body: Buffer) => Promise<Answer>;

const scopes =
  'admin exception:approve callback:process comment:write dispute:write exception:assign exception:dispatch';

/** A client with every scope, over lines of its own. */
export class RouteClient {
  private readonly authorization = { authorization: `Bearer ${tokenFor(undefined, scopes)}` };
  private keys = 0;

  private turns = 0;

  /** Requests take turns on the lines: no more at once than there are lines. */
  constructor(private readonly lines: readonly Line[]) {}

  send(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
    body: Buffer = Buffer.alloc(0),
  ): Promise<Answer> {
    const type = body.length > 0 ? { 'content-type': 'application/json' } : {};
    const line = this.lines[this.turns++ % this.lines.length];
    if (!line) throw new Error('a client needs a line');
    return line.exchange(requestBytes(method, path, { ...headers, ...type }, body));
  }

  /** Each request has a key of its own, so that its body is fingerprinted. Messages of external systems are signed. */
  to(route: JsonRoute): Send | Promise<Send> {
    if (isInbound(route)) return this.inbound(route.path);
    const { method, path: template } = route;
    const filled = template.replace('{target}', 'JIRA').replace(/\{\w+\}/g, idAt(1));
    return (body) =>
      this.send(method, filled, { ...this.authorization, 'x-idempotency-key': `key-${++this.keys}` }, body);
  }

  /** The route of a new connection, to which every body is signed. */
  private async inbound(route: string): Promise<Send> {
    const [, system = ''] = /inbound\/(\w+)/.exec(route) ?? [];
    const put = Buffer.from(JSON.stringify(settings[system]));
    const made = await this.send('PUT', `/v1/connections/${system.toUpperCase()}`, this.authorization, put);
    const { id, inboundSecret } = JSON.parse(made.body) as { id?: string; inboundSecret?: string };
    const sign = signed[system];
    if (!sign || id === undefined || inboundSecret === undefined)
      throw new Error(`no connection to ${system}: ${made.body}`);
    const address = route.replace('{connection}', id);
    return (body) => this.send('POST', address, sign(inboundSecret, body, `message-${++this.keys}`), body);
  }
}

/** They are never called: nothing is dispatched. A new secret is asked for, since what is there hides its own. */
const settings: Readonly<Record<string, object>> = {
  jira: {
    site: 'https://acme.atlassian.net',
    email: 'desk@acme.example',
    apiToken: 'token-of-the-benchmark',
    project: 'OPS',
    rotateInboundSecret: true,
  },
  servicenow: {
    instance: 'https://acme.service-now.com',
    token: 'token-of-the-benchmark',
    rotateInboundSecret: true,
  },
  webhook: { url: 'https://hooks.acme.example/redress', rotateInboundSecret: true },
  ledger: { url: 'https://ledger.acme.example/redress', rotateInboundSecret: true },
};
