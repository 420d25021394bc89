import { parseStrictJson } from '@redress/formats';
import { PendingBody } from './body-reader';
import { invalidRequest, Problem } from '../problems/problem';

/** The JSON of a body that was not read until its caller was known. Other bodies stay as they are. */
export async function readJsonBody(body: unknown): Promise<unknown> {
  if (!(body instanceof PendingBody)) return body;
  const bytes = await body.read();
  if (bytes.length === 0) return undefined;
  const parsed = parseStrictJson(bytes);
  if (parsed.ok) return parsed.value;
  throw parsed.path
    ? invalidRequest({ [parsed.path]: parsed.problem })
    : new Problem('invalid_request', parsed.problem);
}
