import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { requireTypeScript } from './require-typescript.mjs';
import { ensureInstalled, root } from './setup.mjs';

/**
 * Writes down what the API of these sources is, without a database: `npm run openapi`.
 * With --print it goes to the standard output instead.
 */
const file = path.join(root, 'libs/client/openapi.json');

ensureInstalled();
const require = requireTypeScript('apps/api/src/main.ts');
const text = `${print(await describe())}\n`;
if (process.argv.includes('--print')) process.stdout.write(text);
else if (text === readFileSync(file, 'utf8')) console.log('The API is as libs/client/openapi.json has it.');
else {
  writeFileSync(file, text);
  console.log('Wrote libs/client/openapi.json; its diff is what changed for clients.');
}

// Nest knows every route in a preview, and makes none of the parts behind them.
async function describe() {
  require('reflect-metadata');
  const { NestFactory } = require('@nestjs/core');
  const { FastifyAdapter } = require('@nestjs/platform-fastify');
  const { ApiModule } = require('./app.module');
  const { describeApi } = require('./openapi');
  const { readConfig } = require('./config/config');
  const read = readConfig({ DATABASE_URL: 'postgres://nobody@localhost/nowhere' });
  if (!read.ok) throw new Error(read.problems.join('\n'));
  const module = ApiModule.forRoot({ config: read.config, database: { dataSource: {} }, log: {} });
  const app = await NestFactory.create(module, new FastifyAdapter(), {
    preview: true,
    logger: false,
    abortOnError: false,
  });
  return describeApi(app);
}

/** JSON whose small parts take a line each, for readers of a diff. */
function print(value, indent = '') {
  const line = JSON.stringify(value);
  if (value === null || typeof value !== 'object' || line.length + indent.length <= 100) return line;
  const deeper = `${indent}  `;
  const members = Array.isArray(value)
    ? value.map((item) => print(item, deeper))
    : Object.entries(value)
        .filter(([, member]) => member !== undefined)
        .map(([name, member]) => `${JSON.stringify(name)}: ${print(member, deeper)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return `${open}\n${members.map((member) => deeper + member).join(',\n')}\n${indent}${close}`;
}
