import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { printed, root, tool } from './support/command';
import { linkFolder, temporaryFolder } from './support/packed-library';

// It compiles the sources, on machines that may have other things to do.
jest.setTimeout(180_000);

/** A file of the document: whole, or lines of one that is there, and what takes their place. */
type Part = Readonly<{ file: string; whole: string } | { file: string; before: string; after: string }>;

const document = readFileSync(path.join(root, 'docs/adding-a-connector.md'), 'utf8');

const parts = [...document.matchAll(/^( *)```(ts|diff) file=(\S+)\n([^]*?)^ *```$/gm)].map(
  ([, indent = '', kind, file = '', text = '']): Part => {
    const lines = text.split('\n').map((line) => line.replace(indent, ''));
    if (kind === 'ts') return { file, whole: lines.join('\n') };
    const marked = (mark: string) =>
      lines.flatMap((line) => (line.startsWith(mark) ? [line.slice(1)] : [])).join('\n');
    return { file, before: marked('-'), after: marked('+') };
  },
);

const folder = temporaryFolder();
const inCopy = (...names: string[]): string => path.join(folder.path, ...names);

function apply(part: Part): void {
  const file = inCopy(part.file);
  mkdirSync(path.dirname(file), { recursive: true });
  if ('whole' in part) return writeFileSync(file, part.whole);
  const text = readFileSync(file, 'utf8');
  expect([part.file, text.split(`${part.before}\n`).length]).toEqual([part.file, 2]);
  writeFileSync(
    file,
    text.replace(`${part.before}\n`, () => `${part.after}\n`),
  );
}

const compile = (project: string) => tool('typescript/bin/tsc', ['-p', project], folder.path);

/** As much of PagerDuty as a dispatch needs; it keeps the incidents it was asked to make. */
const incidents: { id: string; incident_key: string; title: string }[] = [];
const refusedCalls: (string | undefined)[] = [];
let pagerDuty: Server;
let api: string;

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

beforeAll(async () => {
  pagerDuty = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const answer = (status: number, value: object) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://pagerduty.test');
      if (request.headers.authorization !== 'Token token=canary') {
        refusedCalls.push(request.headers.authorization);
        return answer(401, { error: { message: 'Unauthorized' } });
      }
      if (request.method === 'POST' && pathname === '/incidents') {
        const { incident } = JSON.parse(body);
        incidents.push({ id: `PD${incidents.length + 1}`, ...incident });
        return answer(201, { incident: incidents.at(-1) });
      }
      const key = searchParams.get('incident_key');
      return answer(200, { incidents: incidents.filter((one) => one.incident_key === key) });
    });
  });
  await new Promise<void>((resolve) => pagerDuty.listen(0, '127.0.0.1', resolve));
  api = `http://127.0.0.1:${(pagerDuty.address() as AddressInfo).port}`;
  for (const place of ['tsconfig.json', 'package.json', 'libs', 'apps/api'])
    cpSync(path.join(root, place), inCopy(place), {
      recursive: true,
      filter: (from) => !/[\\/](node_modules|dist)$|\.spec\.ts$/.test(from),
    });
  linkFolder(path.join(root, 'node_modules'), inCopy('node_modules'));
});
afterAll(async () => {
  await new Promise((resolve) => pagerDuty.close(resolve));
  folder.remove();
});

/** The library's own desks over a store in memory, with the compiled connector as the only way to PagerDuty. */
const program = `
  const { ExceptionDesk, defaultPolicy } = require('@redress/domain');
  const { DispatchDesk, InboundDesk } = require('@redress/domain/integrations');
  const { InMemoryInbound, InMemoryUnitOfWork } = require('@redress/domain/in-memory');
  const { Connectors, Egress, EgressAllowance } = require('@redress/connectors');
  const { randomUUID } = require('node:crypto');
  (async () => {
    const uow = new InMemoryUnitOfWork();
    const ports = { uow, clock: () => new Date(), newId: randomUUID };
    const policy = { ...defaultPolicy, connectors: ['PAGERDUTY'] };
    const egress = new Egress({ allow: EgressAllowance.parse(process.env.API), userAgent: 'Redress' });
    const json = { read: (body) => ({ ok: true, value: JSON.parse(Buffer.from(body)) }), numberText: () => undefined };
    const connectors = new Connectors({ egress, newId: randomUUID, json });
    const settings = { api: process.env.API, service: 'PSVC', from: 'desk@acme.example' };
    const connectorWith = (apiKey) => connectors.for({ target: 'PAGERDUTY', settings, secrets: { apiKey } });
    const soon = () => AbortSignal.timeout(10_000);
    const meta = { tenant: 'acme', actor: 'ana' };
    const desk = new ExceptionDesk(ports, policy);
    const dispatches = new DispatchDesk(ports);
    const report = { transactionId: randomUUID(), reason: 'AMOUNT_MISMATCH', amount: '1.00', currency: 'EUR' };
    const { id } = (await desk.raise(report, meta)).value.state;
    const { dispatch } = (await desk.handle(id, { type: 'dispatch', target: 'PAGERDUTY' }, meta)).value;
    const work = await dispatches.claim('acme', dispatch.id, { early: true });
    const answer = await connectorWith('canary').createTicket(dispatch.id, work.dispatch.message, soon());
    const { state } = (await dispatches.report('acme', work, { kind: 'send', answer })).value;
    const found = await connectorWith('canary').findTicket(dispatch.id, soon());
    const stranger = await connectorWith('guessed').createTicket(dispatch.id, work.dispatch.message, soon());
    const connection = { target: 'PAGERDUTY', inboundSecrets: ['shared'] };
    const byId = async () => ({ tenant: 'acme', connection });
    const inbound = new InboundDesk({ ...ports, uow: new InMemoryInbound(uow) }, { byId }, connectors, policy);
    const event = { event_type: 'incident.resolved', occurred_at: new Date().toISOString(), data: { id: 'PD1' } };
    const body = Buffer.from(JSON.stringify({ event }));
    const tell = (secret) => inbound.receive('PAGERDUTY', 'pd', {
      headers: { 'x-redress-secret': secret }, body, digest: () => 'digest', text: () => body.toString(),
    });
    const outcomes = [await tell('guessed'), await tell('shared')];
    const { status } = await uow.run({ tenant: 'acme' }, async (tx) => ({
      ok: true, value: (await tx.exceptions.load(id)).exception,
    })).then(({ value }) => value);
    console.log(JSON.stringify({
      state: state.state, reference: state.externalReference, found, stranger: stranger.outcome, outcomes, status,
    }));
  })();
`;

/** What the compiled service says of PagerDuty in its document; nothing of it is started. */
const describing = `
  require('reflect-metadata');
  const { NestFactory } = require('@nestjs/core');
  const { FastifyAdapter } = require('@nestjs/platform-fastify');
  const { ApiModule } = require('./apps/api/src/app.module');
  const { describeApi } = require('./apps/api/src/openapi');
  const { readConfig } = require('./apps/api/src/config/config');
  (async () => {
    const { config } = readConfig({ DATABASE_URL: 'postgres://nobody@localhost/nowhere' });
    const options = { preview: true, logger: false, abortOnError: false };
    const module = ApiModule.forRoot({ config, database: { dataSource: {} }, problems: {}, log: {} });
    const app = await NestFactory.create(module, new FastifyAdapter(), options);
    const { paths, components } = await describeApi(app);
    const { put } = paths['/v1/connections/PAGERDUTY'];
    const names = (schema) => Object.keys(components.schemas[schema].properties);
    console.log(JSON.stringify({
      put: [put.operationId, put.summary],
      fields: names('PutPagerDutyConnection'),
      settings: names('PagerDutySettings'),
      inbound: paths['/v1/inbound/pagerduty/{connection}'].post.operationId,
    }));
  })();
`;

describe('adding PagerDuty as the document says', () => {
  it('takes four files of the libraries', () => {
    expect([...new Set(parts.map(({ file }) => file))]).toEqual([
      'libs/domain/src/value/dispatch-target.ts',
      'libs/domain/src/dispatch/lookup-policy.ts',
      'libs/connectors/src/pagerduty/pagerduty.definition.ts',
      'libs/connectors/src/registry.ts',
    ]);
  });

  it('does not compile while its line in the registry is missing', async () => {
    for (const part of parts) if (!part.file.endsWith('registry.ts')) apply(part);
    const { code, output } = await compile('libs/connectors/tsconfig.json');
    expect([code === 0, output]).toEqual([false, expect.stringContaining("Property 'PAGERDUTY' is missing")]);
  });

  it('compiles, the service too', async () => {
    for (const part of parts) if (part.file.endsWith('registry.ts')) apply(part);
    const project = {
      extends: './apps/api/tsconfig.app.json',
      compilerOptions: { outDir: 'compiled' },
      include: ['apps/api/src', 'libs/domain/src/in-memory'],
    };
    writeFileSync(inCopy('tsconfig.copy.json'), JSON.stringify(project));
    expect(await compile('tsconfig.copy.json')).toMatchObject({ code: 0, output: '' });
  });

  it('dispatches to it, finds what was made, and takes what it sends back', async () => {
    const { paths } = JSON.parse(readFileSync(path.join(root, 'tsconfig.json'), 'utf8')).compilerOptions;
    for (const [name, [source]] of Object.entries<string[]>(paths)) {
      const entry = inCopy('compiled/node_modules', name, 'index.js');
      mkdirSync(path.dirname(entry), { recursive: true });
      const compiled = inCopy('compiled', source!.replace(/\.ts$/, '.js'));
      writeFileSync(entry, `module.exports = require(${JSON.stringify(compiled)});`);
    }
    writeFileSync(inCopy('compiled/program.js'), program);
    const env = { ...process.env, API: api };
    const output = await printed(process.execPath, [inCopy('compiled/program.js')], folder.path, env);
    const [incident] = incidents;
    expect([incidents.length, incident!.title]).toEqual([1, expect.stringContaining('AMOUNT_MISMATCH')]);
    expect(JSON.parse(output)).toEqual({
      ...{ state: 'CONFIRMED', reference: 'PD1', stranger: 'refused', status: 'RESOLVED' },
      found: { outcome: 'found', tickets: [{ reference: 'PD1' }] },
      outcomes: [null, 'applied'],
    });
    expect(refusedCalls).toEqual(['Token token=guessed']);
  });

  it('has its routes in the service and their document', async () => {
    writeFileSync(inCopy('compiled/document.js'), describing);
    const output = await printed(process.execPath, [inCopy('compiled/document.js')], folder.path);
    expect(JSON.parse(output)).toEqual({
      put: ['putPagerDutyConnection', 'Connect to PagerDuty, or change how'],
      fields: ['enabled', 'rotateInboundSecret', 'api', 'service', 'from', 'apiKey'],
      settings: ['api', 'service', 'from'],
      inbound: 'receiveFromPagerDuty',
    });
  });
});
