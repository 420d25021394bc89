import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import { variables } from '../../apps/api/src/config/variables';
import { documentedScript, statementsOf } from '../support/database-script';
import { root } from './support/command';

type Service = Readonly<{
  environment: Readonly<Record<string, string>>;
  volumes?: readonly string[];
  secrets?: readonly string[];
}>;
type Compose = Readonly<{
  services: Readonly<Record<'api' | 'postgres', Service>>;
  secrets?: Readonly<Record<string, { file: string }>>;
}>;

const docker = (name: string): string => readFileSync(path.join(root, 'docker', name), 'utf8');

describe('docker/compose.yaml', () => {
  const { api, postgres } = (parse(docker('compose.yaml')) as Compose).services;
  const names = Object.values(variables).map(({ name }) => name);
  /** What a container decides by itself. */
  const fixed = ['NODE_ENV', 'HOST', 'PORT', 'DATA_DIR', 'DEMO'];

  it('passes every variable there is, and nothing else', () => {
    expect(Object.keys(api.environment).sort()).toEqual([...names].sort());
  });

  it('takes each from the variable of the same name, empty when that is not set', () => {
    const passed = Object.entries(api.environment).filter(([name]) => !fixed.includes(name));
    expect(passed.filter(([name, value]) => !new RegExp(`^\\$\\{${name}:[-?]`).test(value))).toEqual([]);
    expect(passed.length).toBeGreaterThan(40);
  });

  it('has two logins, and neither is the superuser', () => {
    const { DATABASE_URL: service, MIGRATIONS_DATABASE_URL: owner } = api.environment;
    expect(service).toContain('postgres://redress_service:${SERVICE_PASSWORD:?');
    expect(owner).toContain('postgres://redress_owner:${OWNER_PASSWORD:?');
    expect(postgres.environment['POSTGRES_USER']).toBe('postgres');
  });

  it('makes them with the statements of docs/production.md', () => {
    expect(postgres.volumes).toContain('./init-database.sh:/docker-entrypoint-initdb.d/redress.sh:ro');
    const sql = /<<'SQL'\n(.*)^SQL$/ms.exec(docker('init-database.sh'))![1]!;
    const literal = sql.replace(/:'(owner|service)_password'/g, `'$1-password'`);
    expect(statementsOf(literal)).toEqual(statementsOf(documentedScript()));
  });
});

describe('docker/compose.secrets.yaml', () => {
  const withFiles = parse(docker('compose.secrets.yaml')) as Compose;
  const plain = parse(docker('compose.yaml')) as Compose;
  const secretVariables = new Set(
    Object.values(variables).flatMap(({ name, parser }) => (parser.isSecret ? [`${name}_FILE`] : [])),
  );

  it.each(['api', 'postgres'] as const)('differs in nothing but how secrets are given: %s', (name) => {
    const { environment: given, secrets: _secrets, ...rest } = withFiles.services[name];
    const { environment: _environment, ...expected } = plain.services[name];
    expect({ ...rest, env_file: undefined }).toEqual({ ...expected, env_file: undefined });
    expect(JSON.stringify(given)).not.toMatch(/password@|\$\{/);
  });

  it('gives each secret as a file that is declared and mounted', () => {
    for (const { environment, secrets = [] } of Object.values(withFiles.services)) {
      const files = Object.entries(environment).filter(([name]) => name.endsWith('_FILE'));
      expect(files.map(([, file]) => file)).toEqual(secrets.map((name) => `/run/secrets/${name}`));
      for (const name of secrets) expect(withFiles.secrets![name]).toEqual({ file: `./secrets/${name}` });
    }
    const ofApi = Object.keys(withFiles.services.api.environment).filter((name) => name.endsWith('_FILE'));
    expect(ofApi.filter((name) => !secretVariables.has(name))).toEqual([]);
    expect(ofApi).toHaveLength(4);
  });

  it('has its passwords read by the script that makes the logins', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'redress-init-'));
    for (const name of ['owner', 'service']) writeFileSync(path.join(folder, name), `of-${name}\n`);
    writeFileSync(path.join(folder, 'psql'), '#!/bin/sh\nprintf "%s\\n" "$@"\n');
    chmodSync(path.join(folder, 'psql'), 0o755);
    const given = (env: object): string =>
      execFileSync('sh', [path.join(root, 'docker/init-database.sh')], {
        encoding: 'utf8',
        env: { PATH: `${folder}:${process.env['PATH']}`, POSTGRES_USER: 'postgres', ...env },
      });
    const expected = expect.stringMatching(/owner_password=of-owner\n--set=service_password=of-service\n/);
    const [OWNER_PASSWORD_FILE, SERVICE_PASSWORD_FILE] = ['owner', 'service'].map((n) =>
      path.join(folder, n),
    );
    expect(given({ OWNER_PASSWORD_FILE, SERVICE_PASSWORD_FILE })).toEqual(expected);
    expect(given({ OWNER_PASSWORD: 'of-owner', SERVICE_PASSWORD: 'of-service' })).toEqual(expected);
    rmSync(folder, { recursive: true });
  });
});
