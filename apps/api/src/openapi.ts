import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { scopeDescriptions } from './auth/scopes';
import { eventDescriptions } from '@redress/domain/integrations';
import { ErrorResponse } from './http/error-response';
import { AllowedAction } from './http/allowed-routes';
import { Difference, HistoryEntry } from './exception-dto/exception-responses';

const scopeList = Object.entries(scopeDescriptions).map(([scope, said]) => `- \`${scope}\`: ${said}`);

const introduction = [
  'The exception and dispute desk of a reconciliation process.',
  'Every failure is an `ErrorResponse`; with `Accept: application/problem+json` it is an RFC 9457 problem with the same facts.',
  'Times are RFC 3339 in UTC with milliseconds, ids are UUIDs, amounts are exact decimals.',
  `Scopes, from the token's \`scope\` or \`permissions\`:\n\n${scopeList.join('\n')}`,
].join('\n\n');

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
  if (prefix) builder.addServer(prefix);
  const document = SwaggerModule.createDocument(app, builder.build(), {
    extraModels: [AllowedAction, Difference, ErrorResponse],
    autoTagControllers: false,
  });
  for (const path of Object.values(document.paths)) {
    for (const operation of [path.post, path.delete]) excuseBody(operation?.requestBody, document);
  }
  return Object.assign(document, { webhooks: webhooksOf(document) });
}

/** What endpoints are sent: one entry for each type of event, all of one form. */
function webhooksOf({ components }: OpenAPIObject): Record<string, unknown> {
  const entry = components?.schemas?.[HistoryEntry.name] as { properties?: Record<string, unknown> };
  const { seq: _seq, prevHash: _prev, hash: _hash, ...data } = entry.properties ?? {};
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

/** The decorators would have every body required, also where nothing has to be said. */
function excuseBody(body: object | undefined, { components }: OpenAPIObject): void {
  if (!body || !('content' in body)) return;
  const { schema } =
    (body.content as Readonly<Record<string, { schema?: object }>>)['application/json'] ?? {};
  if (!schema || !('$ref' in schema)) return;
  const [, name = ''] = String(schema.$ref).split('#/components/schemas/');
  const described = components?.schemas?.[name];
  if (described && 'properties' in described && !described.required?.length)
    Object.assign(body, { required: false });
}

export function serveApiDescription(app: INestApplication, prefix?: string): void {
  SwaggerModule.setup('docs', app, describeApi(app, prefix), {
    jsonDocumentUrl: 'openapi.json',
    yamlDocumentUrl: 'openapi.yaml',
    customSiteTitle: 'Redress',
  });
}
