import type { Readable } from 'node:stream';
import { invalidRequest, Problem } from '../problems/problem';
import { WrongFile } from '@redress/formats';

/** Runs what reads a file. A fault of the whole file, or an upload that breaks off, is the client's. */
export async function readFile<T>(body: Readable, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof WrongFile) throw invalidRequest(error.fields);
    // The client broke off the upload. That is no failure of the server, and the client does not receive this answer.
    if (error === body.errored && !(error instanceof Problem))
      throw new Problem('invalid_request', 'The file broke off before its end; send it again.');
    throw error;
  } finally {
    // What is left of a file that was given up on must not keep the connection waiting.
    body.resume();
  }
}
