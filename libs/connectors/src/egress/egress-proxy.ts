import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import { buildConnector } from 'undici';
import type { EgressTarget } from './egress-allowance';
import { problemOf, Refusal } from './egress-exchange';

/** The proxy that requests go through, and which of them. */
export type EgressProxyOptions = Readonly<{
  /** `http://` or `https://`, with user name and password where the proxy asks for them. */
  url: string;
  /**
   * What the proxy is asked to connect to: the address that was checked here, unless given; or the name, for proxies that
   * take nothing else. The proxy then looks the name up by itself.
   */
  target?: 'address' | 'name';
  /** Hosts that are reached without the proxy: names, with all names below them, and addresses. */
  except?: readonly string[];
}>;

/** An HTTP proxy (RFC 9110, section 9.3.6: CONNECT) on the way out. */
export class EgressProxy {
  private readonly url: URL;

  /** Throws where the URL is not that of an HTTP proxy. */
  constructor(private readonly options: EgressProxyOptions) {
    this.url = new URL(options.url);
    if (!isProxyUrl(options.url))
      throw new Error('The URL of an egress proxy begins with http:// or https://.');
  }

  /** Whether the proxy is asked for names, so that a name need not be known here. */
  get takesNames(): boolean {
    return this.options.target === 'name';
  }

  /** Whether a host is reached through the proxy. */
  serves(hostname: string): boolean {
    const { except = [] } = this.options;
    return !except.some((entry) => hostname === entry || hostname.endsWith(`.${entry.replace(/^\./, '')}`));
  }

  /** A connector of undici: looks the name up as `lookup` allows, connects through the proxy, then encrypts. */
  connector(target: EgressTarget, lookup: LookupFunction, timeoutMs: number): buildConnector.connector {
    const encrypt = buildConnector({ timeout: timeoutMs, rejectUnauthorized: true });
    return (options, callback) => {
      const signal = AbortSignal.timeout(timeoutMs);
      this.authority(target, lookup, signal)
        .then((authority) => this.tunnel(authority, signal))
        .then(
          (httpSocket) =>
            target.encrypted ? encrypt({ ...options, httpSocket }, callback) : callback(null, httpSocket),
          (error: unknown) => callback(error as Error, null),
        );
    };
  }

  private async authority(
    target: EgressTarget,
    lookup: LookupFunction,
    signal: AbortSignal,
  ): Promise<string> {
    const { hostname, port } = target;
    const address = isIP(hostname) ? hostname : await resolved(hostname, lookup, signal);
    const host = this.takesNames ? hostname : address;
    return `${host.includes(':') ? `[${host}]` : host}:${port}`;
  }

  private tunnel(authority: string, signal: AbortSignal): Promise<Socket> {
    const { protocol, hostname, port, username, password } = this.url;
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    const asked = (protocol === 'https:' ? httpsRequest : httpRequest)({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: port || (protocol === 'https:' ? 443 : 80),
      method: 'CONNECT',
      path: authority,
      headers: {
        host: authority,
        ...(username && { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` }),
      },
      agent: false,
      signal,
    });
    return new Promise((resolve, reject) => {
      asked
        .on('connect', ({ statusCode = 0 }, socket: Socket, head: Buffer) => {
          if (statusCode >= 200 && statusCode < 300 && head.length === 0) return resolve(socket);
          socket.destroy();
          reject(new Refusal(`the proxy on the way to it answered ${statusCode}`));
        })
        .on('response', ({ statusCode = 0 }) => {
          asked.destroy();
          reject(new Refusal(`the proxy on the way to it answered ${statusCode}`));
        })
        .on('error', (error) => reject(new Refusal(`of the proxy on the way to it: ${problemOf(error)}`)))
        .end();
    });
  }
}

/** Whether a URL can be that of a proxy. */
export const isProxyUrl = (url: string): boolean =>
  URL.canParse(url) && /^https?:$/.test(new URL(url).protocol) && new URL(url).hostname !== '';

/** Of several addresses an IPv4 one: whether the proxy has IPv6 is not known. */
function resolved(hostname: string, lookup: LookupFunction, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Refusal('its name could not be looked up in time')));
    lookup(hostname, { all: true }, (error, found) => {
      if (error) return reject(error);
      const addresses = typeof found === 'string' ? [found] : found.map(({ address }) => address);
      const address = addresses.find((each) => isIP(each) === 4) ?? addresses[0];
      if (address === undefined) reject(new Refusal('there is no such name'));
      else resolve(address);
    });
  });
}
