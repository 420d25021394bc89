import { Readable } from 'node:stream';
import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { closeUnfinished, collectBody, streamBody, type BodyLimits } from './body-reader';
import { EmptyRequest } from './empty-request';
import { invalidRequest, Problem } from '../problems/problem';
import { isJsonObject } from '../json/json-value';
import { readJsonBody } from './json-body';
import { readShape, unknownMembers, type Shape } from './read-shape';

export const streamTypes = ['application/x-ndjson', 'text/csv'] as const;

/**
 * JSON is collected as bytes, up to the limit, and parsed once the caller is known; files are passed on as streams.
 * Any other content type is refused by Fastify with 415.
 */
export function acceptBodies(fastify: FastifyInstance, limits: BodyLimits): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', (_request, payload, done) =>
    collectBody(payload, limits, done),
  );
  for (const type of streamTypes)
    fastify.addContentTypeParser(type, (_request, payload, done) => done(null, streamBody(payload, limits)));
  closeUnfinished(fastify, limits);
}

/** Checks that a body has the shape its route declares, and says for each field what is wrong with it. */
export class BodyPipe implements PipeTransform {
  transform(given: unknown, { type, metatype }: ArgumentMetadata): unknown {
    if (type !== 'body') return given;
    const value = readJsonBody(given);
    const wantsStream = metatype === Readable;
    const isStream = value instanceof Readable;
    if (wantsStream !== isStream) throw wrongType(wantsStream ? streamTypes : ['application/json']);
    if (wantsStream) return value;
    // No body says as much as an empty one: which members are missing, if any, is found out below.
    const body = value === undefined ? {} : value;
    if (metatype === EmptyRequest) return emptyBody(body);
    if (!isJsonObject(body)) {
      throw new Problem(
        'invalid_request',
        'The body must be a JSON object; send it with Content-Type: application/json.',
      );
    }
    const read = readShape(metatype as Shape, body);
    if ('body' in read) return read.body;
    throw invalidRequest(read.faults);
  }
}

/** Nothing to say may be said with `{}` or without a body. */
function emptyBody(value: unknown): EmptyRequest {
  if (!isJsonObject(value))
    throw new Problem('invalid_request', 'This needs no body; send none, or an empty JSON object.');
  const names = Object.keys(value);
  if (names.length) throw invalidRequest(unknownMembers(names));
  return {};
}

export const wrongType = (types: readonly string[]): Problem => {
  const wanted = types.join(' or ');
  return new Problem('unsupported_media_type', `Send the body with Content-Type: ${wanted}.`, {
    accepted: wanted,
  });
};
