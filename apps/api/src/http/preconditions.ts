import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { CommandMeta } from '@redress/domain';
import type { FastifyRequest } from 'fastify';
import { readIfMatch } from './conditional';
import { invalidRequest } from '../problems/problem';

/** For a route whose command applies to one version of one resource. */
export const TakesIfMatch = Reflector.createDecorator<boolean>();

/** For a route that reads parameters from its query, and refuses those it does not know by itself. */
export const TakesQuery = Reflector.createDecorator<boolean>();

type Handler = ReturnType<ExecutionContext['getHandler']>;
type Preconditions = Pick<CommandMeta, 'expectedVersion' | 'preview'>;

const reflector = new Reflector();

export const changesSomething = (method: string): boolean => method !== 'GET' && method !== 'HEAD';

type Conditional = Pick<FastifyRequest, 'method' | 'headers' | 'query' | 'url'>;

/** The conditions of a request: `If-Match` and `preview`. What the route would ignore is refused, since the client relies on it. */
export function readPreconditions(
  { method, headers, query, url }: Conditional,
  handler: Handler,
): Preconditions {
  refuseUndecodable(url);
  if (!changesSomething(method)) {
    if (!reflector.get(TakesQuery, handler))
      refuseOthers(query, 'is not a parameter of this route, which takes none');
    return {};
  }
  const { preview, ...others } = query as Readonly<Record<string, unknown>>;
  refuseOthers(others, 'is not a parameter of a command; preview is');
  return { ...readVersion(headers['if-match'], handler), ...readPreview(preview) };
}

function readVersion(header: string | undefined, handler: Handler): Pick<Preconditions, 'expectedVersion'> {
  if (header === undefined) return {};
  if (!reflector.get(TakesIfMatch, handler)) throw invalidRequest({ 'If-Match': noVersion });
  const condition = readIfMatch(header);
  if (!condition.ok) throw invalidRequest({ 'If-Match': condition.problem });
  return condition.version === undefined ? {} : { expectedVersion: condition.version };
}

const noVersion =
  'cannot be asked for here, since there is no one version it could be meant for; send the request without it';

function readPreview(given: unknown): Pick<Preconditions, 'preview'> {
  if (given === undefined || given === 'false') return {};
  if (given !== 'true') throw invalidRequest({ preview: 'must be true or false' });
  return { preview: true };
}

/** Refuses a query that cannot be decoded: read as it is, it would choose something else. */
function refuseUndecodable(url: string): void {
  const [, ...query] = url.split('?');
  const wrong = query
    .join('?')
    .split('&')
    .filter((pair) => pair.includes('%') && !isDecodable(pair));
  if (wrong.length)
    throw invalidRequest(wrong.map((pair) => [pair.split('=')[0] ?? '', undecodable] as const));
}

const undecodable = 'must be percent-encoded UTF-8, in which a percent sign is %25';

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function refuseOthers(query: unknown, problem: string): void {
  const names = Object.keys(query as object);
  if (names.length) throw invalidRequest(names.map((name) => [name, problem] as const));
}
