import { parseStrictJson } from '@redress/formats';
import { invalidRequest, Problem } from '../problems/problem';

/** JSON bodies arrive as bytes, so that a request is authenticated before its body is parsed. Other bodies stay as they are. */
export function readJsonBody(body: unknown): unknown {
  if (!Buffer.isBuffer(body)) return body;
  if (body.length === 0) return undefined;
  const parsed = parseStrictJson(body);
  if (parsed.ok) return parsed.value;
  throw parsed.path
    ? invalidRequest({ [parsed.path]: parsed.problem })
    : new Problem('invalid_request', parsed.problem);
}
