import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fakeJiraSettings, startFakeJira, type FakeSystem } from '../support/fake-systems';
import { printed, root } from './support/command';
import { installOffline, pack, packLibrary, temporaryFolder } from './support/packed-library';
import { complaintsAbout, printedNames, runnableExample } from './support/published-package';
import { problemsOf, programOf } from './support/strict-types';

// It compiles and packs, on machines that may have other things to do.
jest.setTimeout(120_000);

const folder = temporaryFolder();
const consumer = path.join(folder.path, 'consumer');
const installed = path.join(consumer, 'node_modules/@redress/connectors');
const needed = ['cockatiel', 'undici'];
const words = (text: string): string[] => text.trim().split(/\s+/);

/** The exports of the entry point. Removing a name from this list breaks the code of its users. */
const values = words(`
  AesVault CiphertextBroken CircuitBreaker CircuitBreakers ConnectionResolver Connectors DeliveryWorker
  DispatchNow DispatchRunner Egress EgressAllowance EgressProxy JiraConnector LedgerConnector OpenConnection
  SecretsKeyMissing ServiceNowConnector WebhookConnector callTimeoutMs circuitBreakerStates connectorDefinitions connectorProvider connectorsFor
  endpointCircuitBreaker fixedConnection isConnectionUrl isProxyUrl isSuccess isTrouble isWebhookSecret newWebhookSecret
  retryAfterMs secretGenerator signWebhook verifyWebhook`);

let tarball: string;
let fake: FakeSystem;

beforeAll(async () => {
  fake = await startFakeJira();
  tarball = await packLibrary(folder.path, 'connectors');
  const domain = await packLibrary(folder.path, 'domain');
  const packages = needed.map((name) => pack(path.join(root, 'node_modules', name), folder.path));
  mkdirSync(consumer);
  write('package.json', JSON.stringify({ name: 'consumer', version: '1.0.0', private: true }));
  await installOffline([tarball, domain, ...(await Promise.all(packages))], consumer);
}, 240_000);
afterAll(async () => {
  await fake.stop();
  folder.remove();
});
beforeEach(() => fake.reset());

const write = (file: string, text: string): void => writeFileSync(path.join(consumer, file), text);
const run = (file: string, env?: NodeJS.ProcessEnv): Promise<string> =>
  printed(process.execPath, [file], consumer, env);

describe('the packed connectors', () => {
  it('need the domain beside them, and two packages', () => {
    const manifest = JSON.parse(readFileSync(path.join(installed, 'package.json'), 'utf8'));
    const { dependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
    // In the versions that the service runs them with.
    const versions = Object.fromEntries(needed.map((name) => [name, dependencies[name]]));
    expect(manifest.dependencies).toEqual(versions);
    expect(Object.keys(manifest.peerDependencies)).toEqual(['@redress/domain']);
    expect(readdirSync(installed).sort()).toEqual(['LICENSE', 'README.md', 'dist', 'package.json']);
  });

  it('are published without complaints of publint and attw', async () => {
    expect(await complaintsAbout(tarball, consumer)).toEqual([]);
  });

  it.each(printedNames('@redress/connectors'))(
    'offer the published values to %s',
    async (extension, source) => {
      write(`keys.${extension}`, source);
      expect(words(await run(`keys.${extension}`)).sort()).toEqual(values);
    },
  );
});

describe('the example of their README', () => {
  const example = runnableExample('connectors');

  it('compiles under the strictest settings', () => {
    write('example.mts', example.source);
    expect(problemsOf(programOf(consumer, ['example.mts'], { types: ['node'] }))).toEqual([]);
  });

  it('prints what the README says, with a Jira that is as strict as the real one', async () => {
    write('example.mjs', example.module);
    const { site, apiToken } = fakeJiraSettings(fake);
    expect(await run('example.mjs', { JIRA_SITE: site, JIRA_TOKEN: apiToken })).toBe(example.printed);
  });
});
