import type { components, paths } from './generated/schema';

/* What each path takes and answers, derived from the description of the API: nothing here names a route. */

/** What bodies are made of, by the names of the description: `Schemas['ExceptionResponse']`. */
export type Schemas = components['schemas'];

/** The HTTP methods that the service uses, in lower case. */
export type Method = 'get' | 'post' | 'patch' | 'delete';
type Path = keyof paths & `/v1/${string}`;
type Done = 200 | 201 | 202 | 204;
type Json = 'application/json';

type Operation<M extends Method, P extends Path> = Exclude<paths[P][M & keyof paths[P]], undefined>;
type Responses<O> = O extends { responses: infer R } ? R : never;
type Contents<R> = R extends { content: infer C } ? C : never;
type JsonIn<R> = R extends { content: Record<Json, infer V> }
  ? V
  : R extends { content?: never }
    ? undefined
    : never;
type DoneIn<O> = Responses<O>[keyof Responses<O> & Done];
type FailedIn<O> = Responses<O>[Exclude<keyof Responses<O>, Done>];
type Sent<O> = O extends { requestBody?: infer B } ? Contents<Exclude<B, undefined>> : never;
type Query<O> = Members<O extends { parameters: { query?: infer Q } } ? Q : never>;
type Header<O> = Members<O extends { parameters: { header?: infer H } } ? H : never>;
/** Where there are none, no name is one of them. */
type Members<T> = [Exclude<T, undefined>] extends [never] ? object : Exclude<T, undefined>;

/** Of all paths those for which `PerPath` is not `never`. */
type Having<M extends Method, PerPath extends Record<Path, unknown>> = {
  [P in Path]: [Operation<M, P>] extends [never] ? never : [PerPath[P]] extends [never] ? never : P;
}[Path];

/** What may be sent as a file, where no JSON is taken. */
type FileSent<O> = Json extends keyof Sent<O> ? never : keyof Sent<O> & string;
/** What a file may come as, where no JSON is answered. */
type FileAnswered<O> = [JsonIn<DoneIn<O>>] extends [never] ? keyof Contents<DoneIn<O>> & string : never;

type Listed<V> = V extends { items: readonly unknown[]; hasMore: boolean } ? V : never;

/** The paths that answer a method with JSON. Files have `UploadPath` and `DownloadPath`. */
export type JsonPath<M extends Method> = Exclude<
  Having<M, { [P in Path]: JsonIn<DoneIn<Operation<M, P>>> }>,
  UploadPath & (M extends 'post' ? Path : never)
>;
/** The paths that answer with a page of a list, for `items` and `pages`. */
export type PagedPath = Having<'get', { [P in Path]: Listed<JsonIn<DoneIn<Operation<'get', P>>>> }>;
/** The paths that take a file (CSV or NDJSON), for `upload`. */
export type UploadPath = Having<'post', { [P in Path]: FileSent<Operation<'post', P>> }>;
/** The paths that answer with a file (CSV or NDJSON), for `download`. */
export type DownloadPath = Having<'get', { [P in Path]: FileAnswered<Operation<'get', P>> }>;

/** The body of a successful answer of a path; `undefined` for 204. */
export type Value<M extends Method, P extends Path> = JsonIn<DoneIn<Operation<M, P>>>;
/** How a path may refuse: the titles that its description has, and no other. */
export type TitleAt<M extends Method, P extends Path> = TitleIn<FailedIn<Operation<M, P>>>;
type TitleIn<R> = R extends { content: Record<Json, { title?: infer T extends string }> } ? T : never;
/** The media types in which a path takes a file. */
export type UploadType<P extends UploadPath> = FileSent<Operation<'post', P>>;
/** The media types in which a path answers a file. */
export type DownloadType<P extends DownloadPath> = FileAnswered<Operation<'get', P>>;
/** One page of the list at a path. */
export type PageAt<P extends PagedPath> = Value<'get', P>;
/** One item of the list at a path. */
export type ItemAt<P extends PagedPath> = PageAt<P> extends { items: readonly (infer I)[] } ? I : never;

/** Every way in which this API refuses. */
export type RefusalTitle = {
  [P in Path]: { [M in Method]: TitleAt<M, P> }[Method];
}[Path];

// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- It fits where nothing is required.
type Nothing = {};
type Member<K extends string, V> = [V] extends [never]
  ? unknown
  : Nothing extends V
    ? { readonly [N in K]?: V | undefined }
    : { readonly [N in K]: V };
/** What is undefined is not sent, so that a cursor there is none of can be passed on as it is. */
type Perhaps<Q> = { readonly [N in keyof Q]: Nothing extends Pick<Q, N> ? Q[N] | undefined : Q[N] };
/** The parts of a request, but the condition, the key and the preview, which have members of their own. */
type Parts<O> = Member<'path', O extends { parameters: { path: infer V } } ? V : never> &
  Member<'query', keyof Query<O> extends 'preview' ? never : Perhaps<Omit<Query<O>, 'preview'>>> &
  ('preview' extends keyof Query<O>
    ? {
        /** Answers as if it had been done, and does nothing. */
        readonly preview?: boolean | undefined;
      }
    : unknown) &
  ('If-Match' extends keyof Header<O>
    ? {
        /** The `etag` or the `version` you last saw; what has changed since is refused as `stale_version`. */
        readonly ifMatch?: string | number | undefined;
      }
    : unknown);

/** The options that every call has. */
export type CommonOptions = {
  /** Aborts the call, its pauses and further tries included; the call then throws the reason of the signal. */
  readonly signal?: AbortSignal | undefined;
  /** Request headers of this call alone; they take precedence over those of the client. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
};

/** The options of a call: the parameters and the body of its path, and what every call has. */
export type Options<M extends Method, P extends Path> = CommonOptions &
  Parts<Operation<M, P>> &
  Member<'body', Sent<Operation<M, P>>[Json & keyof Sent<Operation<M, P>>]> &
  ('X-Idempotency-Key' extends keyof Header<Operation<M, P>>
    ? {
        /** Made up when absent: give one when the same request may come again from another call, or process. */
        readonly idempotencyKey?: string | undefined;
      }
    : unknown);

/** The options of an upload; `type` is the media type of the file. */
export type UploadOptions<P extends UploadPath> = CommonOptions &
  Parts<Operation<'post', P>> & { readonly type: UploadType<P> };

/** The options of a download; `as` is the media type that is asked for. */
export type DownloadOptions<P extends DownloadPath> = CommonOptions &
  Parts<Operation<'get', P>> & { readonly as: DownloadType<P> };

/** The options of a path as an argument, which may be left out when all of them may. */
export type Argument<M extends Method, P extends Path, More = unknown> = P extends Path
  ? Nothing extends Options<M, P>
    ? [options?: Options<M, P> & More]
    : [options: Options<M, P> & More]
  : never;

/** The direction in which `pages` walks through a list. */
export type PageOptions = {
  /** From the page that `query.cursor` names, a `prevCursor`, to the first. */
  readonly backward?: boolean | undefined;
};
