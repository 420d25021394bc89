import type { IncomingMessage, ServerResponse } from 'node:http';

/** An API as a request handler, as `createRedressApi` of @redress/api makes it. */
export interface MountableApi {
  /** Where it is mounted, such as `/redress`: with a leading slash and none at its end. */
  readonly prefix: string;
  /** Answers one request below the prefix, whose body was not read yet. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
  /** Ends what runs. Called once, while the host application shuts down. */
  close(): Promise<void>;
}
