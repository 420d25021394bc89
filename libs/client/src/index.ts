/** A typed client of the desk: see the README. */

export { NoAnswer, RefusedError, UnexpectedAnswer, unwrap } from './answer';
export type { Answer, Done, Refusal, Refused } from './answer';
export type {
  CommonOptions,
  DownloadOptions,
  DownloadPath,
  DownloadType,
  ItemAt,
  JsonPath,
  Method,
  Options,
  PageAt,
  PageOptions,
  PagedPath,
  RefusalTitle,
  Schemas,
  TitleAt,
  UploadOptions,
  UploadPath,
  UploadType,
  Value,
} from './api';
export { createClient } from './client';
export type { Client, ClientOptions } from './client';
export { ndjson } from './files';
export type { Chunk, Download, UploadBody } from './files';
export type { Fetch, Retries } from './tries';
