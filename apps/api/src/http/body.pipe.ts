import type { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { BodyReader, type BodyLimits } from './body-reader';
import { EmptyRequest } from './empty-request';
import { invalidRequest, Problem } from '../problems/problem';
import { isJsonObject } from '@redress/formats';
import { readJsonBody } from './json-body';
import { readShape, unknownMembers, type Shape } from './read-shape';

export const streamTypes = ['application/x-ndjson', 'text/csv'] as const;

/** A file of which a route takes CSV alone. It is a stream like others; the name tells the pipe what to advise. */
export abstract class CsvFile extends Readable {}

/** A body that is not read: of a type that no route takes, or encoded in a way that is not understood. */
export class UnreadableBody {
  constructor(readonly problem?: Problem) {}
}

/**
 * JSON is collected as bytes once the caller is known, files are passed on as streams. Other bodies are refused by the pipe,
 * which knows what the route takes.
 */
export function acceptBodies(fastify: FastifyInstance, limits: BodyLimits): void {
  const bodies = new BodyReader(fastify, limits);
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', (request, _payload, done) => {
    done(null, unreadable(request.headers) ?? bodies.collected(request));
  });
  for (const type of streamTypes)
    fastify.addContentTypeParser(type, (request, _payload, done) => {
      done(null, unreadable(request.headers) ?? bodies.streamed(request));
    });
  fastify.addContentTypeParser('*', (_request, _payload, done) => done(null, new UnreadableBody()));
}

/** Set where the headers say that the bytes are not those of plain text in UTF-8. */
function unreadable(headers: IncomingHttpHeaders): UnreadableBody | undefined {
  const encoding = headers['content-encoding']?.trim().toLowerCase();
  if (encoding && encoding !== 'identity')
    return new UnreadableBody(unsupported('Send the body without Content-Encoding.', 'identity'));
  const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(headers['content-type'] ?? '')?.[1];
  if (charset === undefined || /^(utf-?8|us-ascii)$/i.test(charset)) return undefined;
  return new UnreadableBody(unsupported('Send the body in UTF-8, with charset=utf-8 or none.', 'utf-8'));
}

/** Checks that a body has the shape its route declares, and says for each field what is wrong with it. */
export class BodyPipe implements PipeTransform {
  async transform(given: unknown, { type, metatype }: ArgumentMetadata): Promise<unknown> {
    if (type !== 'body') return given;
    const value = await readJsonBody(given);
    const types = fileTypes.get(metatype);
    if (value instanceof UnreadableBody) throw value.problem ?? wrongType(types ?? ['application/json']);
    const wantsStream = types !== undefined;
    const isStream = value instanceof Readable;
    if (wantsStream !== isStream) throw wrongType(types ?? ['application/json']);
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

/** What a parameter is declared as → the types of the files it takes. */
const fileTypes: ReadonlyMap<unknown, readonly string[]> = new Map<unknown, readonly string[]>([
  [Readable, streamTypes],
  [CsvFile, ['text/csv']],
]);

export const wrongType = (types: readonly string[]): Problem => {
  const wanted = types.join(' or ');
  return unsupported(`Send the body with Content-Type: ${wanted}.`, wanted);
};

const unsupported = (message: string, accepted: string): Problem =>
  new Problem('unsupported_media_type', message, { accepted });
