import type { INestApplication } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { scopeDescriptions } from './auth/scopes';
import { eventDescriptions } from '@redress/domain/integrations';
import { errorModels } from './http/route';
import { AllowedAction } from './http/allowed-routes';
import { Difference, HistoryEntry } from './exception-dto/exception-responses';

const scopeList = Object.entries(scopeDescriptions).map(([scope, said]) => `- \`${scope}\`: ${said}`);

const introduction = [
  'The exception and dispute desk of a reconciliation process.',
  'Every failure is an `ErrorResponse`; with `Accept: application/problem+json` it is an RFC 9457 problem with the same facts.',
  'In a body, an optional member that is `null` or `""` is not given.',
  'Times are RFC 3339 in UTC with milliseconds, ids are UUIDs, amounts are exact decimals.',
  `Scopes, from the token's \`scope\` or \`permissions\`:\n\n${scopeList.join('\n')}`,
].join('\n\n');

const tags = {
  Exception: 'Transactions that could not be reconciled, and what is done with them.',
  Dispute: 'Claims about exceptions, argued with evidence until they are won or lost.',
  Comment: 'Remarks of people on exceptions.',
  Adjustment: 'Entries that were posted to resolve exceptions.',
  Dispatch: 'Exceptions that were handed over to people and external systems.',
  Approval: 'Resolutions that take more than one person.',
  'Reason codes': 'The reasons that people may give.',
  Connection: 'External systems of a tenant.',
  'Webhook endpoint': 'Where events are delivered to.',
  Inbound: 'Signed messages of external systems.',
  Audit: 'Who exported, listed in bulk, changed settings, or was refused.',
  Operation: 'For those who run the service.',
  Event: 'What webhook endpoints are sent.',
};

/**
 * The document of everything this service answers, made from the decorators of its routes. `prefix`: where a host
 * application has mounted the API, which is then the server of the document.
 */
export function describeApi(app: INestApplication, prefix = ''): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Redress')
    .setDescription(introduction)
    .setVersion('1')
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }, 'BearerAuth');
  builder.addServer(prefix || '/');
  for (const [tag, description] of Object.entries(tags)) builder.addTag(tag, description);
  const document = SwaggerModule.createDocument(app, builder.build(), {
    extraModels: [AllowedAction, Difference, ...errorModels],
    autoTagControllers: false,
  });
  for (const [path, { get, post, put, patch, delete: remove }] of Object.entries(document.paths)) {
    for (const operation of [get, post, put, patch, remove]) {
      if (!operation) continue;
      operation.security ??= signedBy(operation, document);
      // Messages of external systems are read with more patience than what clients send.
      if (!path.startsWith('/v1/inbound/'))
        describeBody(operation.requestBody, document, operation === patch);
    }
  }
  return Object.assign(document, { webhooks: webhooksOf(document) });
}

/** What endpoints are sent: one entry for each type of event, all of one form. */
function webhooksOf({ components }: OpenAPIObject): Record<string, unknown> {
  const entry = components?.schemas?.[HistoryEntry.name] as { properties?: Record<string, unknown> };
  const unsent = ['seq', 'action', 'actorId', 'createdAt', 'prevHash', 'hash'];
  const data = Object.fromEntries(
    Object.entries(entry.properties ?? {}).filter(([name]) => !unsent.includes(name)),
  );
  const header = (name: string, description: string) => ({
    ...{ name, in: 'header', required: true, description, schema: { type: 'string' } },
  });
  const parameters = [
    header('webhook-id', 'Of the event; the same in every attempt.'),
    header('webhook-timestamp', 'Of the attempt, in seconds since 1970.'),
    header('webhook-signature', 'As Standard Webhooks define it; several, separated by blanks.'),
  ];
  return Object.fromEntries(
    Object.entries(eventDescriptions).map(([type, description]) => {
      const body = {
        type: 'object',
        required: ['type', 'timestamp', 'data'],
        properties: {
          type: { type: 'string', const: type },
          timestamp: { type: 'string', format: 'date-time', description: 'Of the event.' },
          data: { type: 'object', description: 'The line of the history.', properties: data },
        },
      };
      const post = {
        tags: ['Event'],
        operationId: `on.${type}`,
        summary: description,
        description: 'See docs/events.md for signatures, the schedule and the order of events.',
        security: [{ 'webhook-signature': [] }],
        parameters,
        requestBody: { required: true, content: { 'application/json': { schema: body } } },
        responses: {
          '2XX': { description: 'It was taken.' },
          '410': { description: 'Send nothing any more: the endpoint is switched off.' },
        },
      };
      return [type, { post }];
    }),
  );
}

type Operation = NonNullable<OpenAPIObject['paths'][string]['post']>;

/** The security of a route without a token: the signature that one of its headers has, or none. */
function signedBy({ parameters = [] }: Operation, { components }: OpenAPIObject): Record<string, string[]>[] {
  const headers = parameters.flatMap((one) => ('in' in one && one.in === 'header' ? [one.name] : []));
  const name = headers.find((header) => /signature/i.test(header));
  if (name === undefined) return [];
  Object.assign(components?.securitySchemes ?? {}, { [name]: { type: 'apiKey', in: 'header', name } });
  return [{ [name]: [] }];
}

/**
 * Bodies hold no other members. The decorators would have every body required, also where nothing has to be said; a patch
 * has to say something.
 */
function describeBody(body: object | undefined, { components }: OpenAPIObject, isPatch: boolean): void {
  if (!body || !('content' in body)) return;
  const { schema } =
    (body.content as Readonly<Record<string, { schema?: object }>>)['application/json'] ?? {};
  if (!schema || !('$ref' in schema)) return;
  const [, name = ''] = String(schema.$ref).split('#/components/schemas/');
  const described = components?.schemas?.[name];
  if (!described || !('properties' in described)) return;
  Object.assign(described, { additionalProperties: false, ...(isPatch && { minProperties: 1 }) });
  // A command to many names them in one of these ways.
  const ways = ['exceptionIds', 'exception_ids', 'filter'].map((way) => ({ required: [way] }));
  if (described.properties['exceptionIds']) Object.assign(described, { oneOf: ways });
  if (!described.required?.length && !isPatch) Object.assign(body, { required: false });
}

export function serveApiDescription(app: NestFastifyApplication, prefix?: string): void {
  keepTexts(app.getHttpAdapter().getInstance());
  SwaggerModule.setup('docs', app, describeApi(app, prefix), {
    jsonDocumentUrl: 'openapi.json',
    yamlDocumentUrl: 'openapi.yaml',
    customSiteTitle: 'Redress',
  });
}

/** Nest writes the document anew for each request, of anyone, which takes a tenth of a second as YAML: the text is kept. */
function keepTexts(fastify: FastifyInstance): void {
  const kept = new Map<string | undefined, unknown>();
  const isDocument = ({ routeOptions: { url } }: FastifyRequest): boolean => /^\/openapi\./.test(url ?? '');
  fastify.addHook('onRequest', (request, reply, done) => {
    const text = isDocument(request) ? kept.get(request.routeOptions.url) : undefined;
    if (text === undefined) return done();
    void reply
      .type(request.routeOptions.url === '/openapi.yaml' ? 'text/yaml' : 'application/json')
      .send(text);
  });
  fastify.addHook('onSend', (request, { statusCode }, payload, done) => {
    if (statusCode === 200 && isDocument(request)) kept.set(request.routeOptions.url, payload);
    done(null, payload);
  });
}
