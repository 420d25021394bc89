import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { CasesModule } from './cases.module.js';

async function main() {
  const app = await NestFactory.create(CasesModule, new FastifyAdapter(), { logger: ['warn', 'error'] });
  app.enableShutdownHooks();
  await app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1');
  console.log(`Cases are handled on ${await app.getUrl()}`);
}

void main();
