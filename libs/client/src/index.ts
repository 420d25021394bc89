/** A typed client of the desk: see the README. */

export { NoAnswer, RefusedError, UnexpectedAnswer, unwrap } from './answer';
export type { Answer, Done, Refusal, Refused } from './answer';
export type {
  DownloadPath,
  ItemAt,
  JsonPath,
  Method,
  Options,
  PagedPath,
  RefusalTitle,
  Schemas,
  TitleAt,
  UploadPath,
  Value,
} from './api';
export { createClient } from './client';
export type { Client, ClientOptions } from './client';
export { ndjson } from './files';
export type { Download, UploadBody } from './files';
export type { Fetch, Retries } from './tries';
