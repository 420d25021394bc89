import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorBody, failures } from './problems/problem';
import { withTimeout } from './with-timeout';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Frameworks that strip the prefix of a mounted handler from `url` keep the whole in `originalUrl`. */
type MountedRequest = IncomingMessage & { originalUrl?: string };

export type MountedApiOptions = Readonly<{
  prefix: string;
  /** Answers a request whose `url` has no prefix; reads `url` before it returns. */
  route: Handler;
  /** Closes the application, after its last request. */
  close: () => Promise<void>;
  /** Logs a mistake of the host. */
  warn: (message: string) => void;
  /** How long `close` waits for running requests, and then for the application. */
  graceMs: number;
}>;

/** The API as a plain request handler for a host application. Ends after the requests that it has begun. */
export class MountedApi {
  private readonly running = new Set<ServerResponse>();
  private lastEnded: (() => void) | undefined;
  private closing: Promise<void> | undefined;

  constructor(private readonly options: MountedApiOptions) {}

  /** Where it is mounted, such as `/redress`. */
  get prefix(): string {
    return this.options.prefix;
  }

  /**
   * Answers a request below the prefix. The body must not have been read. `request.url` is as it was when this returns, so the
   * host's logs stay right.
   */
  readonly handle = (request: IncomingMessage, response: ServerResponse): void => {
    if (this.closing) return refuse(request, response, 'service_unavailable', shuttingDown);
    // It would wait for a body that does not come.
    if (request.readableDidRead) {
      this.options.warn(bodyRead);
      return refuse(request, response, 'internal_error', bodyRead);
    }
    this.running.add(response);
    response.once('close', () => this.ended(response));
    const { url = '' } = request;
    request.url = this.addressOf(request);
    try {
      this.options.route(request, response);
    } finally {
      request.url = url;
    }
  };

  /** Answers new requests with 503, lets running ones end, then closes the application. */
  close(): Promise<void> {
    return (this.closing ??= this.end());
  }

  private async end(): Promise<void> {
    const { graceMs, close } = this.options;
    const late = () => new Error(`The API did not close within ${graceMs} ms.`);
    await withTimeout(graceMs, this.idle(), late).catch(() => {
      for (const response of this.running) response.destroy();
    });
    await withTimeout(graceMs, close(), late);
  }

  private idle(): Promise<void> {
    if (!this.running.size) return Promise.resolve();
    return new Promise((resolve) => (this.lastEnded = resolve));
  }

  private ended(response: ServerResponse): void {
    this.running.delete(response);
    if (!this.running.size) this.lastEnded?.();
  }

  private addressOf({ url = '', originalUrl = url }: MountedRequest): string {
    for (const address of [originalUrl, url]) {
      const rest = address.slice(this.prefix.length);
      if (address.startsWith(this.prefix) && /^($|[/?])/.test(rest))
        return rest.startsWith('/') ? rest : `/${rest}`;
    }
    return url;
  }
}

const shuttingDown = 'The service is shutting down: ask another instance.';
const bodyRead =
  'The body of this request was read before the API got it: mount the API before body parsers.';

function refuse(
  { headers }: IncomingMessage,
  response: ServerResponse,
  title: 'service_unavailable' | 'internal_error',
  message: string,
): void {
  const status = failures[title];
  const { type, body } = errorBody({ status, title, message }, headers.accept);
  const retry = title === 'service_unavailable' && { 'retry-after': '1' };
  response.writeHead(status, { 'content-type': type, connection: 'close', ...retry }).end(body);
}
