import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { variables } from '../../apps/api/src/config/variables';
import { documentedScript, statementsOf } from '../support/database-script';
import { root } from './support/command';

type Service = Readonly<{ environment: Readonly<Record<string, string>>; volumes?: readonly string[] }>;
type Compose = Readonly<{ services: Readonly<Record<'api' | 'postgres', Service>> }>;

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
