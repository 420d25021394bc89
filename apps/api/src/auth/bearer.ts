import type { FastifyRequest } from 'fastify';
import { ExtractJwt } from 'passport-jwt';
import { noToken, refusedToken } from './token-problems';

/** Far above what identity providers issue, far below what it takes to make parsing cost something. */
const maxTokenLength = 8192;

const bearerScheme = /^bearer /i;
const bearerToken = /^bearer +[\w-]+\.[\w-]+\.[\w-]+$/i;
const fromHeader = ExtractJwt.fromAuthHeaderAsBearerToken();

/**
 * The token of a request; throws a Problem when there is none. ExtractJwt alone takes the first two words of the
 * header, whatever follows them, and its pattern takes quadratic time on a long header without a space.
 */
export function tokenOf(request: FastifyRequest): string {
  const { authorization } = request.headers;
  if (authorization === undefined) throw noToken();
  if (authorization.length > maxTokenLength)
    throw refusedToken(`The token is longer than ${maxTokenLength} characters.`);
  if (!bearerScheme.test(authorization)) throw noToken();
  if (!bearerToken.test(authorization))
    throw refusedToken('The header Authorization is not Bearer and one signed JWT.');
  if (isRepeated(request.raw.rawHeaders))
    throw refusedToken('The header Authorization is sent more than once.');
  const token = fromHeader(request);
  if (token === null) throw noToken();
  return token;
}

/** Node keeps the first of two such headers; what stands before this service may have checked the other. */
function isRepeated(rawHeaders: readonly string[]): boolean {
  let seen = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 13 && name.toLowerCase() === 'authorization') seen++;
  }
  return seen > 1;
}
