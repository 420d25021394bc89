import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** Cross-origin requests (CORS): these origins may call the API from a browser. Tokens are sent, cookies are not. */
export function allowOrigins(app: NestFastifyApplication, origins: readonly string[] | undefined): void {
  if (origins === undefined) return;
  app.enableCors({
    origin: [...origins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: requestHeaders,
    exposedHeaders: answerHeaders,
    maxAge: 600,
  });
}

const requestHeaders = [
  ...['Authorization', 'Content-Type', 'Accept', 'If-Match', 'If-None-Match'],
  ...['Idempotency-Key', 'X-Idempotency-Key', 'X-Request-Id'],
];

/** What a script can read of an answer beside its body. */
const answerHeaders = [
  ...['ETag', 'Location', 'Retry-After', 'WWW-Authenticate', 'Content-Disposition', 'Allow'],
  ...['X-Request-Id', 'X-Idempotency-Replayed', 'RateLimit', 'RateLimit-Policy'],
];
