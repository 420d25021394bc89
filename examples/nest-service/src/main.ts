import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { InMemoryUnitOfWork } from '@redress/domain/in-memory';
import { Pool } from 'pg';
import { Cases, CasesController } from './cases.controller';
import { PostgresUnitOfWork } from './postgres-unit-of-work';
import { schema } from './sql';

function inMemory() {
  const uow = new InMemoryUnitOfWork();
  return new Cases(uow, async (tenant, id) => uow.history(tenant, id));
}

async function onPostgres(connectionString: string) {
  const pool = new Pool({ connectionString });
  // A lost connection fails the query it runs; without listeners it would end the process as well.
  const report = ({ message }: Error) => console.error(message);
  pool.on('error', report).on('connect', (client) => client.on('error', report));
  await pool.query(schema);
  const uow = new PostgresUnitOfWork(pool);
  return new Cases(uow, (tenant, id) => uow.list('history', tenant, id));
}

@Module({})
class CasesModule {}

async function main({ DATABASE_URL: databaseUrl, PORT: port = '3000' }: NodeJS.ProcessEnv) {
  const cases = databaseUrl ? await onPostgres(databaseUrl) : inMemory();
  const root = {
    module: CasesModule,
    controllers: [CasesController],
    providers: [{ provide: Cases, useValue: cases }],
  };
  const app = await NestFactory.create(root, new FastifyAdapter(), { logger: ['warn', 'error'] });
  await app.listen(Number(port), '127.0.0.1');
  console.log(`Cases are handled on ${await app.getUrl()}`);
}

void main(process.env);
