import { applyDecorators, HttpCode, Param, type PipeTransform } from '@nestjs/common';
import { ApiBearerAuth, ApiHeader, ApiOperation, ApiParam, ApiQuery, ApiResponse } from '@nestjs/swagger';
import { isUuid, type RefusalCode } from '@redress/domain';
import type { Access } from '../auth/access';
import { Public } from '../auth/auth.guard';
import { Needs } from '../auth/scope.guard';
import { ErrorResponse, ProblemDetails } from './error-response';
import { failures, invalidRequest, problemJson, refusalStatus, type FailureTitle } from '../problems/problem';
import { TakesIfMatch } from './preconditions';

type Documented = Readonly<{ status: number; type?: new () => object; description: string; etag?: boolean }>;

export type RouteOptions = Readonly<{
  /** `public`: the route takes no token. It authenticates its clients in another way, or not at all. */
  scope: Access;
  /** Name of the operation for generated clients. */
  id: string;
  summary: string;
  description?: string;
  answers: readonly Documented[];
  /** Ways the domain may say no. */
  refusals?: readonly RefusalCode[];
  /** The command applies to no single version, so If-Match is refused. */
  unconditional?: boolean;
  /** Takes `?preview=true`, as every command does. */
  preview?: boolean;
  /** Refuses a request without an idempotency key. */
  needsKey?: boolean;
  /** Failures beside those that every route has. */
  failures?: readonly FailureTitle[];
}>;

const everywhere: readonly FailureTitle[] = [
  'invalid_request',
  'unauthorized',
  'internal_error',
  'service_unavailable',
];
const withBody: readonly FailureTitle[] = ['request_timeout', 'payload_too_large', 'unsupported_media_type'];

/** Everything there is to say about a route beside its path: who may call it, and all that it may answer. */
export const Route = (options: RouteOptions): MethodDecorator => describeRoute(options);

/** A command takes an idempotency key, and `If-Match` unless it is unconditional; its route is made by `CommandRoute`. */
export function describeRoute(options: RouteOptions & Readonly<{ command?: boolean }>): MethodDecorator {
  const {
    scope,
    id,
    summary,
    description,
    answers,
    refusals = [],
    command = false,
    unconditional = false,
    preview = command,
    needsKey = false,
    failures: more = [],
  } = options;
  const conditional = command && !unconditional;
  const titles = new Map<number, string[]>();
  const note = (status: number, title: string) => titles.set(status, [...(titles.get(status) ?? []), title]);
  const commandFailures: readonly FailureTitle[] = command ? withBody : [];
  const scopeFailures: readonly FailureTitle[] =
    scope === 'public' ? [] : ['insufficient_scope', 'too_many_requests'];
  for (const title of [...everywhere, ...scopeFailures, ...commandFailures, ...more])
    note(failures[title], title);
  const commandRefusals: readonly RefusalCode[] = [
    ...(conditional ? (['stale_version'] as const) : []),
    ...(command ? (['request_in_progress', 'idempotency_key_reused'] as const) : []),
  ];
  for (const code of [...refusals, ...commandRefusals]) note(refusalStatus[code], code);
  const takesNoCondition = (preview || unconditional) && !conditional;

  return applyDecorators(
    ...(scope === 'public' ? [Public()] : [Needs(scope), ApiBearerAuth('BearerAuth')]),
    HttpCode(answers[0]?.status ?? 200),
    ApiOperation({
      operationId: id,
      summary,
      description: [
        description,
        takesNoCondition && 'It is for no one version, so `If-Match` is refused with 400.',
        scope !== 'public' && `Needs the scope \`${scope}\`.`,
      ]
        .filter(Boolean)
        .join(' '),
    }),
    ApiHeader({
      name: 'X-Request-Id',
      required: false,
      description: 'Returned and logged; made up when absent.',
      schema: { type: 'string' },
    }),
    ...(command ? [keyHeader(needsKey)] : []),
    ...(conditional ? [TakesIfMatch(true), ifMatchHeader] : []),
    ...(preview ? [previewParameter] : []),
    ...answers.map(({ status, type, description: said, etag }) =>
      ApiResponse({
        status,
        ...(type && { type }),
        description: said,
        headers: { ...requestIdHeader, ...(command && replayedHeader), ...(etag && etagHeader) },
      }),
    ),
    ...[...titles].map(([status, names]) => errorResponse(status, names, command)),
  );
}

const keyHeader = (required: boolean) =>
  ApiHeader({
    name: 'X-Idempotency-Key',
    required,
    description:
      'Send the same key with every retry of one request and it takes effect once. Also accepted as `Idempotency-Key`. ' +
      '1 to 128 characters of `A-Z a-z 0-9 : _ -`; kept for 7 days unless configured otherwise.',
    schema: {
      type: 'string',
      minLength: 1,
      maxLength: 130,
      pattern: '^("[A-Za-z0-9:_-]{1,128}"|[A-Za-z0-9:_-]{1,128})$',
    },
  });

const ifMatchHeader = ApiHeader({
  name: 'If-Match',
  required: false,
  description: 'The ETag you last saw; the request is refused with 412 when it has changed since.',
  schema: { type: 'string', pattern: '^(\\*|"(0|[1-9][0-9]{0,14})")$', maxLength: 17 },
});

const previewParameter = ApiQuery({
  name: 'preview',
  required: false,
  description: 'Answer as if it had been done, refusals included, and do nothing.',
  schema: { type: 'boolean', default: false },
});

const requestIdHeader = {
  'X-Request-Id': { description: 'Names this request in the logs.', schema: { type: 'string' as const } },
};
const etagHeader = {
  ETag: { description: 'The version, for If-Match.', schema: { type: 'string' as const, example: '"3"' } },
};
const replayedHeader = {
  'X-Idempotency-Replayed': {
    description:
      'On answers to requests with an idempotency key: whether this is the answer to an earlier request.',
    schema: { type: 'boolean' as const, example: false },
  },
};

function errorResponse(status: number, titles: readonly string[], command: boolean) {
  const [title] = titles;
  // Each answer with its titles, so that generated clients know all that they may have to tell apart.
  const schema = {
    allOf: [
      { $ref: '#/components/schemas/ErrorResponse' },
      { type: 'object' as const, properties: { title: { type: 'string' as const, enum: [...titles] } } },
    ],
  };
  const example = {
    code: String(status),
    title,
    message: 'What to do about it.',
    error: 'What to do about it.',
  };
  const problem = { type: `urn:redress:problem:${title}`, title, status, detail: 'What to do about it.' };
  return ApiResponse({
    status,
    description: titles.map((name) => `\`${name}\``).join(', '),
    content: {
      'application/json': { schema, example },
      [problemJson]: { schema: { $ref: '#/components/schemas/ProblemDetails' }, example: problem },
    },
    headers: {
      ...requestIdHeader,
      ...(command && replayedHeader),
      ...([409, 429, 503].includes(status) && {
        'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' as const } },
      }),
      ...(status === 401 && { 'WWW-Authenticate': { schema: { type: 'string' as const } } }),
    },
  });
}

/** So that OpenAPI knows the schema, which no route names as its type. */
export const errorModels = [ErrorResponse, ProblemDetails];

export class UuidPath implements PipeTransform<string, string> {
  constructor(private readonly name: string) {}

  transform(value: string): string {
    if (isUuid(value)) return value.toLowerCase();
    throw invalidRequest({
      [this.name]:
        'must be a UUID such as 019c96a0-10d2-7134-ba5f-664142ee7052; no route has that name either',
    });
  }
}

export const ExceptionId = () => Param('exceptionId', new UuidPath('exceptionId'));
export const DisputeId = () => Param('disputeId', new UuidPath('disputeId'));

export const ApiExceptionId = () =>
  ApiParam({ name: 'exceptionId', description: 'Exception.', schema: { type: 'string', format: 'uuid' } });
export const ApiDisputeId = () =>
  ApiParam({ name: 'disputeId', description: 'Dispute.', schema: { type: 'string', format: 'uuid' } });
export const CommentId = () => Param('commentId', new UuidPath('commentId'));
export const ApiCommentId = () =>
  ApiParam({ name: 'commentId', description: 'Comment.', schema: { type: 'string', format: 'uuid' } });
