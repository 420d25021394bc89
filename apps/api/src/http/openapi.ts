import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { scopeDescriptions } from '../auth/scopes';
import { EmptyRequest } from './dto/exception-requests';
import { AllowedAction, Difference, ErrorResponse } from './dto/responses';

const scopeList = Object.entries(scopeDescriptions).map(([scope, said]) => `- \`${scope}\`: ${said}`);

const introduction = [
  'The exception and dispute desk of a reconciliation process.',
  'Every failure is an `ErrorResponse`; with `Accept: application/problem+json` it is an RFC 9457 problem with the same facts.',
  'Times are RFC 3339 in UTC with milliseconds, ids are UUIDs, amounts are exact decimals.',
  `Scopes, from the token's \`scope\` or \`permissions\`:\n\n${scopeList.join('\n')}`,
].join('\n\n');

/** The document of everything this service answers, made from the decorators of its routes. */
export function describeApi(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Redress')
    .setDescription(introduction)
    .setVersion('1')
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }, 'BearerAuth')
    .build();
  const document = SwaggerModule.createDocument(app, config, {
    extraModels: [AllowedAction, Difference, ErrorResponse],
    autoTagControllers: false,
  });
  for (const path of Object.values(document.paths)) {
    for (const operation of [path.post, path.delete]) excuseEmptyBody(operation?.requestBody);
  }
  return document;
}

/** The decorators would have every body required, also where there is nothing to say. */
function excuseEmptyBody(body: object | undefined): void {
  const nothing = { 'application/json': { schema: { $ref: `#/components/schemas/${EmptyRequest.name}` } } };
  if (body && 'content' in body && JSON.stringify(body.content) === JSON.stringify(nothing))
    Object.assign(body, { required: false });
}

export function serveApiDescription(app: INestApplication): void {
  SwaggerModule.setup('docs', app, describeApi(app), {
    jsonDocumentUrl: 'openapi.json',
    yamlDocumentUrl: 'openapi.yaml',
    customSiteTitle: 'Redress',
  });
}
