import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { compileFunction } from 'node:vm';
import ts from 'typescript';
import type { ExceptionChange, Result } from '@redress/domain';
import * as domain from '@redress/domain';
import * as inMemory from '@redress/domain/in-memory';
import * as kit from '@redress/domain/testing';
import { newId } from '../../apps/api/src/ids';
import { root } from './support/command';

/*
 * The examples in the README of each package, besides those marked as runnable, which run in the spec of the package. They are
 * compiled as they stand there, after the declarations of what they only name, and run where they do something by themselves.
 */

jest.setTimeout(120_000);

const folders = [...readdirSync(path.join(root, 'libs')).map((name) => `libs/${name}`), 'apps/api'].filter(
  (folder) => existsSync(path.join(root, folder, 'package.json')),
);

type Block = Readonly<{ folder: string; info: string; code: string }>;
const blocks: readonly Block[] = folders.flatMap((folder) => {
  const readme = readFileSync(path.join(root, folder, 'README.md'), 'utf8');
  return [...readme.matchAll(/^```(.*)\n([^]*?)^```$/gm)].map(([, info, code]) => ({
    folder,
    info: info!,
    code: code!,
  }));
});
const inReadme = (folder: string, beginning: string): string =>
  blocks.find((block) => block.folder === folder && block.code.startsWith(beginning))!.code;

/** What an example only names, by its first line. An example that is not in here has no test. */
const named: Readonly<Record<string, string>> = {
  "import { decide } from '@redress/domain';": '',
  "import { storageContract, type StorageHarness } from '@redress/domain/testing';": `
    declare const uow: StorageHarness['uow'], newId: StorageHarness['newId'];
    declare const { historyOf, adjustmentsOf, forcedMatchesOf, attemptsOf }: StorageHarness;
    declare const { approveUnder, takeReasons, keepBooksElsewhere }: StorageHarness;`,
  'const meta = { tenant, actor, idempotency: { key, fingerprint } };': `
    declare const tenant: string, actor: string, key: string, fingerprint: string;`,
  'const reply: ReplyCodec<ExceptionChange, string> = {': `
    import type { CommandMeta, ExceptionChange, ExceptionCommand, ExceptionDesk, ReplyCodec } from '@redress/domain';
    declare const desk: ExceptionDesk, id: string, command: ExceptionCommand, meta: CommandMeta;`,
  "const imported = await desk.upload('/v1/exceptions/import', ndjson(reports), {": `
    import { ndjson, type Client } from '@redress/client';
    declare const desk: Client, reports: readonly object[];`,
  'const connectors = connectorsFor({': `
    import { connectorsFor } from '@redress/connectors';
    declare const site: string, email: string, project: string, apiToken: string, secretsKey: Buffer;`,
  'const connectors = new Connectors({ egress, newId, json });': `
    import { Connectors, type Egress } from '@redress/connectors';
    import { ConnectionDesk, InboundDesk } from '@redress/domain/integrations';
    declare const egress: Egress, newId: () => string;
    declare const json: ConstructorParameters<typeof Connectors>[0]['json'];
    declare const ports: ConstructorParameters<typeof ConnectionDesk>[0];
    declare const vault: ConstructorParameters<typeof ConnectionDesk>[1];
    declare const generator: ConstructorParameters<typeof ConnectionDesk>[2];
    declare const inboundPorts: ConstructorParameters<typeof InboundDesk>[0];
    declare const connectionsById: ConstructorParameters<typeof InboundDesk>[1];
    declare const policy: ConstructorParameters<typeof InboundDesk>[3];
    declare const { settings, secrets }: Parameters<typeof connectors.for>[0];
    declare const id: string, signal: AbortSignal;
    declare const message: import('@redress/domain').Message;`,
  "import { connectorsFor } from '@redress/connectors';": `
    import { Module } from '@nestjs/common';
    import { DataSource } from 'typeorm';
    declare class CasesController {}
    declare const TypeOrmModule: { forRoot(options: import('typeorm').DataSourceOptions): import('@nestjs/common').DynamicModule };
    declare const url: string, settings: { site: string; email: string; project: string }, secrets: { apiToken: string };`,
  "import { entities, migrations, typeormStore } from '@redress/typeorm';": `
    import { DataSource } from 'typeorm';
    declare const url: string, yours: readonly never[];`,
};
const firstLine = ({ code }: Block): string => code.slice(0, code.indexOf('\n'));
const examples = blocks.filter(({ info }) => info === 'ts');

describe('every example in the README of a package', () => {
  it('is of a kind that has a test', () => {
    const kinds = new Set(blocks.map(({ info }) => info));
    expect([...kinds].sort()).toEqual(['sh', 'text printed', 'ts', 'ts runnable']);
    expect(examples.map(firstLine).sort()).toEqual(Object.keys(named).sort());
  });

  it('compiles as it stands there', () => {
    const config = ts.readConfigFile(path.join(root, 'tsconfig.json'), ts.sys.readFile).config;
    const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, root);
    const files = new Map(
      examples.map((block, i) => [
        path.join(root, block.folder, `readme-example-${i}.mts`),
        `${named[firstLine(block)] ?? ''}\n${block.code}\nexport {};`,
      ]),
    );
    const host = ts.createCompilerHost(options);
    const { readFile, fileExists, getSourceFile } = host;
    host.readFile = (file) => files.get(file) ?? readFile(file);
    host.fileExists = (file) => files.has(file) || fileExists(file);
    host.getSourceFile = (file, version, onError) => {
      const text = files.get(file);
      return text === undefined
        ? getSourceFile(file, version, onError)
        : ts.createSourceFile(file, text, version);
    };
    const program = ts.createProgram([...files.keys()], { ...options, noEmit: true }, host);
    const problems = [...files.keys()].flatMap((file) => {
      const source = program.getSourceFile(file)!;
      return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    });
    expect(problems.map((one) => ts.formatDiagnostic(one, ts.createCompilerHost(options)))).toEqual([]);
  });

  it.each(blocks.filter(({ info }) => info === 'sh').map(({ folder, code }) => [folder, code]))(
    'of %s installs the package, and what it needs beside it',
    (folder, code) => {
      const manifest = (name: string) =>
        JSON.parse(readFileSync(path.join(root, name, 'package.json'), 'utf8'));
      const { name, peerDependencies = {} } = manifest(folder);
      const [npm, install, ...installed] = code.trim().split(/\s+/);
      expect([npm, install, installed[0]]).toEqual(['npm', 'install', name]);
      // A Nest application has those of Nest.
      const needed = Object.keys(peerDependencies).filter((peer) => !peer.startsWith('@nestjs/'));
      expect(installed).toEqual(expect.arrayContaining(needed));
      const typeorm = Object.keys(manifest('libs/typeorm').peerDependencies);
      const known = [name, ...needed, '@redress/typeorm', ...typeorm];
      expect(installed.filter((one) => !known.includes(one))).toEqual([]);
    },
  );
});

/** Runs an example with what it names. */
function run(code: string, given: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> {
  const modules: Readonly<Record<string, unknown>> = {
    '@redress/domain': domain,
    '@redress/domain/testing': kit,
  };
  const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 };
  const { outputText } = ts.transpileModule(code, { compilerOptions });
  const names = ['require', 'exports', ...Object.keys(given)];
  const text = `return (async () => { ${outputText}\nreturn { answer: typeof answer === 'undefined' ? undefined : answer, meta: typeof meta === 'undefined' ? undefined : meta }; })();`;
  const compiled = compileFunction(text, names) as (...values: unknown[]) => Promise<Record<string, unknown>>;
  return compiled((name: string) => modules[name], {}, ...Object.values(given));
}

describe('the README of the domain', () => {
  const uow = new inMemory.InMemoryUnitOfWork();
  const desk = new domain.ExceptionDesk({ uow, clock: () => new Date(), newId });

  it('has a test of a rule that passes, and fails when the rule is another one', async () => {
    const code = inReadme('libs/domain', "import { decide } from '@redress/domain';");
    const tests: (() => void)[] = [];
    const test = (_name: string, body: () => void) => void tests.push(body);
    await run(code, { test, expect });
    expect(tests).toHaveLength(1);
    tests[0]!();
    await run(code.replace("assignedTo: 'bo'", "assignedTo: 'cy'"), { test, expect });
    expect(tests[1]).toThrow(/already_assigned/);
  });

  it('puts a store to its contract, in two kinds of runners', async () => {
    const cases = new Map<string, (() => Promise<void>)[]>();
    const add = (name: string, body: () => Promise<void>) =>
      void cases.set(name, [...(cases.get(name) ?? []), body]);
    await run(inReadme('libs/domain', 'import { storageContract'), {
      ...{ uow, newId, it: add, test: add, describe: (_name: string, body: () => void) => body() },
      historyOf: async (tenant: string, id: string) => uow.history(tenant, id),
      adjustmentsOf: async (tenant: string, id: string) => uow.adjustments(tenant, id),
      forcedMatchesOf: async (tenant: string, id: string) => uow.forcedMatches(tenant, id),
      attemptsOf: async (tenant: string, id: string) => uow.attempts(tenant, id),
      ...{ approveUnder: undefined, takeReasons: undefined, keepBooksElsewhere: undefined },
    });
    expect(cases.size).toBeGreaterThan(100);
    for (const twice of cases.values()) expect(twice).toHaveLength(2);
    for (const body of cases.get(
      'keeps every attempt of a dispatch, letter by letter, and no attempt of another',
    )!)
      await body();
  });

  it('answers by a codec, and a repeated request with what was kept', async () => {
    const given = { tenant: 'acme', actor: 'ana', key: newId(), fingerprint: 'f' };
    const { meta } = await run(inReadme('libs/domain', 'const meta'), given);
    expect(meta).toEqual({ tenant: 'acme', actor: 'ana', idempotency: { key: given.key, fingerprint: 'f' } });
    const raised: Result<ExceptionChange> = await desk.raise(kit.aReport({ transactionId: newId() }), given);
    if (!raised.ok) throw new Error(domain.explain(raised.refusal));
    const { id } = raised.value.state;
    const command = { type: 'assign', assignee: 'bo' };
    const code = inReadme('libs/domain', 'const reply');
    const ask = async (more: object) => (await run(code, { desk, id, command, meta, ...more })).answer;
    expect(await ask({})).toBe('200 ASSIGNED');
    expect(await ask({})).toBe('200 ASSIGNED (replayed)');
    expect(await ask({ meta: given })).toBe('422 already_assigned');
  });
});
