import createFetchClient from 'openapi-fetch';
import { jsonOf, readAnswer, unwrap, type Answer, type Received } from './answer';
import type {
  Argument,
  PageOptions,
  DownloadOptions,
  DownloadPath,
  ItemAt,
  JsonPath,
  Method,
  PageAt,
  PagedPath,
  TitleAt,
  UploadOptions,
  UploadPath,
  Value,
} from './api';
import { bodyOf, downloadOf, type Download, type UploadBody } from './files';
import { send, type Fetch, type Manner, type Retries } from './tries';

/** The options of `createClient`. */
export type ClientOptions = Readonly<{
  /** Where the service is, without `/v1`. */
  baseUrl: string;
  /** The bearer token, or how to come by it: asked before every try. */
  token: string | (() => string | Promise<string>);
  /** Instead of that of the platform. */
  fetch?: Fetch | undefined;
  /** How a call is repeated that got lost. */
  retries?: Retries | undefined;
  /** Sent with every request. */
  headers?: Readonly<Record<string, string>> | undefined;
}>;

/** Calls a path; what it takes, answers and refuses follows from the description of the API. */
type Call<M extends Method> = <P extends JsonPath<M>>(
  path: P,
  ...options: Argument<M, P>
) => Promise<Answer<Value<M, P>, TitleAt<M, P>>>;

/**
 * The client: one method for each kind of call. Only `NoAnswer` and `UnexpectedAnswer` are thrown by `get`, `post`,
 * `patch`, `delete`, `upload` and `download`, besides the error of an aborted signal and of the `token` function.
 */
export type Client = Readonly<{
  get: Call<'get'>;
  post: Call<'post'>;
  patch: Call<'patch'>;
  delete: Call<'delete'>;
  /** All pages of a list, from the one that `query.cursor` names, or the first. A refusal is a `RefusedError`. */
  pages: <P extends PagedPath>(
    path: P,
    ...options: Argument<'get', P, PageOptions>
  ) => AsyncGenerator<PageAt<P>, void>;
  /** All items of a list, page by page. */
  items: <P extends PagedPath>(path: P, ...options: Argument<'get', P>) => AsyncGenerator<ItemAt<P>, void>;
  /** Sends a file as it comes. It is sent once: nothing of it is kept to be sent again. */
  upload: <P extends UploadPath>(
    path: P,
    file: UploadBody,
    options: UploadOptions<P>,
  ) => Promise<Answer<Value<'post', P>, TitleAt<'post', P>>>;
  /** Opens a file, which is then read as it comes. */
  download: <P extends DownloadPath>(
    path: P,
    options: DownloadOptions<P>,
  ) => Promise<Answer<Download, TitleAt<'get', P>>>;
}>;

/** All that a call may have been given, as the types of its path allow. */
type Given = Readonly<{
  path?: Readonly<Record<string, unknown>>;
  query?: Readonly<Record<string, unknown>>;
  preview?: boolean;
  ifMatch?: string | number;
  idempotencyKey?: string;
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
  signal?: AbortSignal;
}>;
type Page = Readonly<{ items: readonly unknown[]; nextCursor?: string; prevCursor?: string }>;
type Sending = Readonly<Record<string, unknown>> & { manner: Manner };

/** Makes a client. It opens no connection: the first request is that of the first call. */
export function createClient(options: ClientOptions): Client {
  const { token, fetch = (request: Request) => globalThis.fetch(request), retries = {} } = options;
  const connection = { fetch, retries, token: typeof token === 'string' ? () => token : token };
  const http = createFetchClient<Record<string, never>>({
    baseUrl: options.baseUrl,
    querySerializer,
    // A redirected POST would become a GET, whose answer would be taken for that of the POST.
    redirect: 'error',
  });
  const request = http.request as (method: string, path: string, init: object) => Promise<Received>;

  const exchange = (method: Method, path: string, given: Given, { manner, ...init }: Sending) =>
    request(method, path, {
      params: { path: given.path, query: { ...given.query, ...(given.preview && { preview: true }) } },
      ...(given.signal && { signal: given.signal }),
      ...init,
      headers: {
        accept: 'application/json',
        ...options.headers,
        ...conditionOf(given),
        ...(init['headers'] as object),
        ...given.headers,
      },
      fetch: (made: Request) => send(made, manner, connection),
    });

  const call =
    (method: Method) =>
    async (path: string, given: Given = {}) => {
      const received = await exchange(method, path, given, {
        manner: { repeat: true, timed: true, stream: false },
        parseAs: 'text',
        ...(given.body !== undefined && { body: given.body }),
        ...(method !== 'get' && { headers: keyOf(given) }),
      });
      return readAnswer(received, jsonOf(received.response));
    };

  const upload = async (path: string, file: UploadBody, { type, ...given }: Given & { type: string }) => {
    const received = await exchange('post', path, given, {
      manner: { repeat: false, timed: false, stream: false },
      parseAs: 'text',
      body: bodyOf(file),
      bodySerializer: (body: unknown) => body,
      duplex: 'half',
      headers: { 'content-type': type },
    });
    return readAnswer(received, jsonOf(received.response));
  };

  const download = async (path: string, { as, ...given }: Given & { as: string }) => {
    const received = await exchange('get', path, given, {
      manner: { repeat: true, timed: false, stream: true },
      parseAs: 'stream',
      headers: { accept: `${as}, application/json;q=0.1` },
    });
    return readAnswer(received, (body) =>
      downloadOf(received.response, body as ReadableStream<Uint8Array> | undefined),
    );
  };

  const get = call('get');

  async function* pages(
    path: string,
    { backward = false, ...given }: Given & PageOptions = {},
  ): AsyncGenerator<Page, void> {
    let query = given.query;
    for (;;) {
      const page = unwrap(await get(path, { ...given, ...(query && { query }) })) as Page;
      yield page;
      const cursor = backward ? page.prevCursor : page.nextCursor;
      if (cursor === undefined) return;
      query = { ...given.query, cursor };
    }
  }

  async function* items(path: string, given?: Given): AsyncGenerator<unknown, void> {
    for await (const page of pages(path, given)) yield* page.items;
  }

  const client = { get, post: call('post'), patch: call('patch'), delete: call('delete') };
  // The types of `Client` are checked where it is used; here every path is like any other.
  return { ...client, pages, items, upload, download } as unknown as Client;
}

const conditionOf = ({ ifMatch }: Given): Record<string, string> =>
  ifMatch === undefined ? {} : { 'if-match': typeof ifMatch === 'number' ? `"${ifMatch}"` : ifMatch };

/** One key for all tries of a call, so that they take effect once. A preview has none to take. */
const keyOf = ({ idempotencyKey, preview }: Given): Record<string, string> =>
  idempotencyKey === undefined && preview ? {} : { 'x-idempotency-key': idempotencyKey ?? newKey() };

/** Not `randomUUID`, which pages that came over plain HTTP do not have. */
const newKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );

/** Lists repeat their name; in quotes goes what would be taken for several values. */
function querySerializer(query: Readonly<Record<string, unknown>>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null) continue;
    if (Array.isArray(value)) for (const item of value) search.append(name, listed(String(item)));
    else search.append(name, value as string);
  }
  return search.toString();
}

const listed = (value: string): string => (/[",]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
