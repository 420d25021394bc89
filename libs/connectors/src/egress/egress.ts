import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Client } from 'undici';
import type { EgressAllowance, EgressTarget } from './egress-allowance';
import type { EgressProxy } from './egress-proxy';
import { Exchange, Refusal, type EgressAnswer } from './egress-exchange';

export type { EgressAnswer } from './egress-exchange';

/** The options of `Egress`. */
export type EgressOptions = Readonly<{
  allow: EgressAllowance;
  userAgent: string;
  /** The proxy that requests go through; without it, they are sent directly. */
  proxy?: EgressProxy | undefined;
  /** How long finding the address, connecting and the TLS handshake may take together. */
  connectTimeoutMs?: number;
  /** Asks for the addresses of a name; the system's resolver unless given. */
  lookup?: LookupFunction;
}>;

/** One HTTP request to an external system. `signal` is its only deadline. */
export type EgressRequest = Readonly<{
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  url: string;
  headers?: Readonly<Record<string, string>>;
  body?: string | Buffer;
  /** Ends the whole request. Once the connection stands there is no other limit of time. */
  signal: AbortSignal;
  /** What an answer has beyond is cut off. */
  maxAnswerBytes?: number;
}>;

/** How long the address of a setting may take to be looked up before it is accepted as it is. */
const lookupTimeoutMs = 2_000;

/**
 * The only way from here to an address that a customer has set. It leads to the public internet and to what the operator
 * allows besides, whatever a URL looks like and wherever its name resolves to.
 *
 * Each request has a connection of its own: its address is checked right before it is used, and whatever fails before
 * the connection stands is known not to have arrived.
 */
export class Egress {
  private readonly clients = new Set<Client>();

  constructor(private readonly options: EgressOptions) {}

  /** Never throws for what the settings, the network or the other side do. */
  async request(request: EgressRequest): Promise<EgressAnswer> {
    const { method, headers, body, signal, maxAnswerBytes = 65_536 } = request;
    const url = URL.canParse(request.url) ? new URL(request.url) : undefined;
    const refusal = signal.aborted ? 'the time was over' : this.refusal(url);
    if (!url || refusal) return { kind: 'not_sent', problem: `Nothing was sent: ${refusal}.` };
    const exchange = new Exchange(url.host, maxAnswerBytes);
    const client = this.connectTo(url);
    const giveUp = () => void client.destroy(new DOMException('The time is over.', 'TimeoutError'));
    signal.addEventListener('abort', giveUp);
    client.dispatch(
      {
        method,
        path: url.pathname + url.search,
        headers: { 'user-agent': this.options.userAgent, 'accept-encoding': 'identity', ...headers },
        body: body ?? null,
      },
      exchange,
    );
    const answer = await exchange.answer;
    signal.removeEventListener('abort', giveUp);
    this.clients.delete(client);
    await client.destroy();
    return answer;
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    await Promise.all([...this.clients].map((client) => client.close()));
  }

  /** What can be said before the name is looked up. */
  refusal(url: URL | undefined): string | undefined {
    if (!url) return 'the URL is not valid';
    if (!/^https?:$/.test(url.protocol)) return 'only https is allowed';
    if (url.username || url.password) return 'user name and password do not belong into a URL';
    const target = targetOf(url);
    const address = isIP(target.hostname) ? target.hostname : undefined;
    const refusal = this.options.allow.refusal(target, address);
    return refusal && `${url.host} is not allowed, ${refusal}`;
  }

  /**
   * Why nothing may be sent to this address, as the end of a sentence; undefined when nothing forbids it. A name that does
   * not resolve now, or not in time, is accepted: every request checks again where it leads.
   */
  async addressProblem(address: string): Promise<string | undefined> {
    const url = URL.canParse(address) ? new URL(address) : undefined;
    const refusal = this.refusal(url);
    if (!url || refusal || isIP(targetOf(url).hostname)) return refusal;
    const { connectTimeoutMs = lookupTimeoutMs } = this.options;
    const target = targetOf(url);
    const lookup = this.checked(target);
    const found = new Promise<Error | null>((resolve) => {
      const patience = setTimeout(() => resolve(null), Math.min(lookupTimeoutMs, connectTimeoutMs));
      lookup(target.hostname, { all: true }, (error) => {
        clearTimeout(patience);
        resolve(error);
      });
    });
    const error = await found;
    return error instanceof Refusal ? `${url.host} is not allowed, ${error.message}` : undefined;
  }

  private connectTo(url: URL): Client {
    const { proxy, connectTimeoutMs: timeout = 5_000 } = this.options;
    const target = targetOf(url);
    const lookup = this.checked(target);
    const client = new Client(url.origin, {
      pipelining: 0, // the connection ends with the answer
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: proxy?.serves(target.hostname)
        ? proxy.connector(target, lookup, timeout)
        : { timeout, rejectUnauthorized: true, lookup }, // whatever NODE_TLS_REJECT_UNAUTHORIZED says
    });
    this.clients.add(client);
    return client;
  }

  /**
   * Node connects to what this answers and to nothing else, so no second look-up can lead elsewhere. One address that
   * is not allowed spoils all: which one is used would be left to chance, or to the owner of the name.
   */
  private checked(target: EgressTarget): LookupFunction {
    const { lookup = systemLookup, allow, proxy } = this.options;
    // A proxy that takes names may know those that are not known here; where they lead cannot be checked.
    const byName = proxy?.takesNames && proxy.serves(target.hostname) && allow.namesHost(target);
    return (hostname, options, callback) =>
      lookup(hostname, options, (error, found, family) => {
        if (error && byName) return callback(null, [{ address: target.hostname, family: 0 }]);
        if (error) return callback(error, found, family);
        const addresses = typeof found === 'string' ? [found] : found.map(({ address }) => address);
        const refusals = addresses.map((address) => allow.refusal(target, address));
        const refusal = refusals.find((each) => each !== undefined);
        if (refusal === undefined) callback(null, found, family);
        else callback(new Refusal(refusal), found, family);
      });
  }
}

function targetOf(url: URL): EgressTarget {
  const encrypted = url.protocol === 'https:';
  return {
    encrypted,
    hostname: url.hostname.replace(/^\[|\]$/g, '').replace(/\.+$/, ''),
    port: url.port ? Number(url.port) : encrypted ? 443 : 80,
  };
}
