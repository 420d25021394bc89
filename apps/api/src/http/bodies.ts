import { Readable } from 'node:stream';
import { ValidationPipe, type ArgumentMetadata } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import type { FastifyInstance } from 'fastify';
import { EmptyRequest } from './dto/exception-requests';
import { invalidRequest, Problem } from './problem';
import { soundBody } from './sound-body';
import { JsonNumber } from './strict-json';

export const streamTypes = ['application/x-ndjson', 'text/csv'] as const;

/**
 * JSON is collected as bytes, up to the limit, and parsed once the caller is known; files are passed on as streams.
 * Any other content type is refused by Fastify with 415.
 */
export function acceptBodies(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );
  for (const type of streamTypes)
    fastify.addContentTypeParser(type, (_request, stream, done) => done(null, stream));
}

/** Checks that a body has the shape its route declares, and says for each field what is wrong with it. */
export class BodyPipe extends ValidationPipe {
  constructor() {
    super({
      transform: true,
      whitelist: true,
      forbidNonWhitelisted: true,
      forbidUnknownValues: true,
      exceptionFactory: (errors) =>
        invalidRequest(Object.fromEntries(errors.flatMap((error) => faultsIn(error)))),
    });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type !== 'body') return value;
    const wantsStream = metadata.metatype === Readable;
    const isStream = value instanceof Readable;
    if (wantsStream !== isStream) throw wrongType(wantsStream ? streamTypes : ['application/json']);
    if (wantsStream) return value;
    // No body says as much as an empty one: which members are missing, if any, is found out below.
    const body = value === undefined ? {} : value;
    if (metadata.metatype === EmptyRequest) return emptyBody(body);
    if (isObject(body)) {
      refuseMembers(Object.keys(body).filter((name) => name in Object.prototype));
      return soundBody(metadata.metatype as new () => object, body) ?? super.transform(body, metadata);
    }
    throw new Problem(
      'invalid_request',
      'The body must be a JSON object; send it with Content-Type: application/json.',
    );
  }
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber);

/** Nothing to say may be said with `{}` or without a body. */
function emptyBody(value: unknown): EmptyRequest {
  if (!isObject(value))
    throw new Problem('invalid_request', 'This needs no body; send none, or an empty JSON object.');
  refuseMembers(Object.keys(value));
  return {};
}

/** Also for members that are named like what every object inherits: class-transformer passes over them in silence. */
function refuseMembers(names: readonly string[]): void {
  if (names.length) throw invalidRequest(Object.fromEntries(names.map((name) => [name, unknownMember])));
}

const unknownMember = 'is not a known member';

export const wrongType = (types: readonly string[]): Problem => {
  const wanted = types.join(' or ');
  return new Problem('unsupported_media_type', `Send the body with Content-Type: ${wanted}.`, {
    accepted: wanted,
  });
};

function faultsIn({ property, constraints = {}, children = [] }: ValidationError): [string, string][] {
  const own = Object.entries(constraints).map(([kind, problem]): [string, string] =>
    kind === 'whitelistValidation' ? [property, unknownMember] : located(property, problem),
  );
  return [
    ...own.slice(0, 1),
    ...children.flatMap((child) =>
      faultsIn(child).map(([p, s]): [string, string] => [`${property}.${p}`, s]),
    ),
  ];
}

/** What is wrong may lie deeper, and then says where: `[3].amount is required` of `counterparts`. */
function located(property: string, problem: string): [string, string] {
  const [, place = '', what = problem] = /^(\[\d+\](?:\.\w+)?) ([^]*)$/.exec(problem) ?? [];
  return [property + place, what];
}
