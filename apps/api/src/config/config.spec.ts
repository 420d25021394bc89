import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultPolicy } from '@redress/domain';
import { describeConfig, readConfig, type Config } from './config';
import { cursorSecret, developmentSecret, withDevelopmentSecrets } from './secrets';
import { variables } from './variables';

const canary = 'canary-0123456789-0123456789-0123456789';
const least = { DATABASE_URL: 'postgres://redress:pw@localhost/redress' };
const inProduction = {
  ...least,
  NODE_ENV: 'production',
  JWT_SECRET: canary,
  SECRETS_KEY: Buffer.from(canary).subarray(0, 32).toString('base64'),
};

/** As variables about keys that an issuer publishes have to be in production. */
const withKeys = {
  JWT_SECRET: '',
  JWT_JWKS_URL: 'https://id.example/keys',
  JWT_ISSUER: 'https://id.example/',
  JWT_AUDIENCE: 'redress',
};

function accepted(env: NodeJS.ProcessEnv): Config & { warnings: string[] } {
  const read = readConfig(env);
  if (!read.ok) throw new Error(read.problems.join('\n'));
  return { ...read.config, warnings: read.warnings };
}

function problemsOf(env: NodeJS.ProcessEnv): string[] {
  const read = readConfig(env);
  return read.ok ? [] : read.problems;
}

describe('reading the config', () => {
  it('needs a database and nothing else', () => {
    expect(accepted(least)).toMatchObject({
      port: 3000,
      host: '127.0.0.1',
      environment: 'development',
      logLevel: 'info',
      databaseUrl: least.DATABASE_URL,
      migrationsDatabaseUrl: least.DATABASE_URL,
      jwtSecret: undefined,
      trustProxy: false,
      metrics: true,
      demo: false,
      severityRules: defaultPolicy.severityRules,
      dueHours: defaultPolicy.dueHours,
      warnings: [],
    });
  });

  it('has defaults that are what their variable takes', () => {
    for (const { name, default: fallback } of Object.values<{ name: string; default?: string }>(variables)) {
      if (fallback !== undefined) expect(problemsOf({ ...least, [name]: fallback })).toEqual([]);
    }
  });

  it('takes an empty variable for one that is not set', () => {
    expect(accepted({ ...least, PORT: '', JWT_SECRET: '' })).toMatchObject({
      port: 3000,
      jwtSecret: undefined,
    });
    expect(problemsOf({ DATABASE_URL: '' })).toEqual([
      'DATABASE_URL is not set: it must be a `postgres://` or `postgresql://` URL, ' +
        'special characters of its password percent-encoded.',
    ]);
  });

  it('tells everything that is wrong at once, in sentences', () => {
    expect(
      problemsOf({
        PORT: '70000',
        DATABASE_URL: 'mysql://x',
        LOG_LEVEL: 'loud',
        METRICS: 'yes',
        NODE_ENV: 'production',
      }),
    ).toEqual([
      'PORT must be a whole number from 0 to 65535, not "70000".',
      'LOG_LEVEL must be one of `fatal`, `error`, `warn`, `info`, `debug`, `trace`, `silent`, not "loud".',
      'DATABASE_URL must be a `postgres://` or `postgresql://` URL, special characters of its password percent-encoded.',
      'METRICS must be `on` or `off`, not "yes".',
      'Neither JWT_SECRET nor JWT_JWKS_URL is set: in production, set one of them to verify tokens with.',
    ]);
  });

  it('needs to know for whom an issuer makes tokens, in production', () => {
    const env = { ...inProduction, ...withKeys, JWT_ISSUER: '', JWT_AUDIENCE: '' };
    expect(problemsOf(env)).toEqual([
      expect.stringMatching(/^JWT_ISSUER is not set: .* or to \* where they have nothing to check\.$/),
      expect.stringMatching(/^JWT_AUDIENCE is not set: /),
    ]);
    expect(problemsOf({ ...env, JWT_AUDIENCE: '*' })).toHaveLength(1);
    expect(problemsOf({ ...env, JWT_ISSUER: '*', JWT_AUDIENCE: 'redress' })).toEqual([]);
    expect(problemsOf({ ...env, NODE_ENV: 'test' })).toEqual([]);
    expect(problemsOf(inProduction)).toEqual([]);
  });

  it('never repeats a secret that is wrong', () => {
    const wrong = {
      DATABASE_URL: 'http://u:pw-canary@h',
      JWT_SECRET: 'too-short-canary',
      CURSOR_SECRET: 'canary',
    };
    const problems = problemsOf(wrong);
    expect(problems).toHaveLength(3);
    expect(problems.join()).not.toContain('canary');
  });

  it.each([
    ['PORT', '0', 'port', 0],
    ['HOST', '::1', 'host', '::1'],
    ['DATABASE_URL', 'postgresql:///redress?host=/run/postgresql', 'databaseUrl', undefined],
    ['JWT_JWKS_URL', 'https://id.example/keys', 'jwtJwksUrl', undefined],
    ['JWT_JWKS_URL', 'http://127.0.0.1:8080/keys', 'jwtJwksUrl', undefined],
    ['JWT_JWKS_URL', 'http://[::1]/keys', 'jwtJwksUrl', undefined],
    ['TRUST_PROXY', 'true', 'trustProxy', true],
    ['TRUST_PROXY', '1', 'trustProxy', 1],
    ['TRUST_PROXY', '10.0.0.0/8, ::1', 'trustProxy', ['10.0.0.0/8', '::1']],
    ['DISPUTE_BLOCKS_RESOLVING', 'true', 'disputeBlocksResolving', true],
    ['METRICS', 'off', 'metrics', false],
    [
      'FORCE_MATCH_TOLERANCE',
      'EUR=0.05, JPY=5,*=0.001',
      'residualTolerance',
      { EUR: '0.05', JPY: '5', '*': '0.001' },
    ],
    ['FORCE_MATCH_TOLERANCE', 'CLF=0.0001', 'residualTolerance', { CLF: '0.0001' }],
    ['SEVERITY_RULES', '[]', 'severityRules', []],
    [
      'DUE_HOURS',
      '{"CRITICAL":1,"HIGH":2,"MEDIUM":3,"LOW":4.5}',
      'dueHours',
      { CRITICAL: 1, HIGH: 2, MEDIUM: 3, LOW: 4.5 },
    ],
  ] as const)('reads %s=%s', (name, given, key, value) => {
    expect(accepted({ ...least, [name]: given })[key]).toEqual(value ?? given);
  });

  it.each([
    ['PORT', '-1'],
    ['PORT', '3000.5'],
    ['PORT', '0x10'],
    ['HOST', 'a b'],
    ['DATABASE_URL', 'postgres://u:p#w@h/db'],
    ['DATABASE_URL', 'postgres://u:100%@h/db'],
    ['DATABASE_POOL', '0'],
    ['JWT_SECRET', 'x'.repeat(31)],
    ['JWT_JWKS_URL', 'http://id.example/keys'],
    ['JWT_JWKS_URL', 'http://localhost.example/keys'],
    ['JWT_JWKS_URL', 'keys'],
    ['TRUST_PROXY', 'yes'],
    ['TRUST_PROXY', '10.0.0.0/33'],
    ['TRUST_PROXY', '10.0.0.1,'],
    ['EGRESS_ALLOW', '*'],
    ['EGRESS_ALLOW', 'https://jira.corp.internal'],
    ['FORCE_MATCH_TOLERANCE', '0.05'],
    ['FORCE_MATCH_TOLERANCE', 'EUR'],
    ['FORCE_MATCH_TOLERANCE', 'EUR='],
    ['FORCE_MATCH_TOLERANCE', 'EUR=0.05,'],
    ['FORCE_MATCH_TOLERANCE', 'EUR=-0.05'],
    ['FORCE_MATCH_TOLERANCE', 'EUR=0,05'],
    ['FORCE_MATCH_TOLERANCE', 'EUR=0.005'],
    ['FORCE_MATCH_TOLERANCE', 'EUR=1e2'],
    ['FORCE_MATCH_TOLERANCE', 'EUR=0.05=0.06'],
    ['FORCE_MATCH_TOLERANCE', 'EUR=0.05,EUR=0.06'],
    ['FORCE_MATCH_TOLERANCE', '*=0,*=1'],
    ['FORCE_MATCH_TOLERANCE', 'XAU=1'],
    ['FORCE_MATCH_TOLERANCE', 'eur=1'],
    ['FORCE_MATCH_TOLERANCE', '__proto__=1'],
    ['SEVERITY_RULES', 'HIGH'],
    ['SEVERITY_RULES', '[{"severity":"URGENT","amountFrom":1,"ageHoursFrom":1}]'],
    ['SEVERITY_RULES', '[{"severity":"HIGH","amountFrom":"1","ageHoursFrom":1}]'],
    ['SEVERITY_RULES', '[{"severity":"HIGH","amount":1,"ageHoursFrom":1}]'],
    ['SEVERITY_RULES', '[null]'],
    ['DUE_HOURS', '{"CRITICAL":1,"HIGH":2,"MEDIUM":3}'],
    ['DUE_HOURS', '{"CRITICAL":0,"HIGH":2,"MEDIUM":3,"LOW":4}'],
    ['DUE_HOURS', '{"CRITICAL":1e9,"HIGH":2,"MEDIUM":3,"LOW":4}'],
    ['PENDING_FLAG_HOURS', '168'],
    ['PENDING_FLAG_HOURS', '{"external":0,"ledger":4}'],
    ['PENDING_FLAG_HOURS', '{"external":168}'],
    ['PENDING_FLAG_HOURS', '{"external":168,"ledger":4,"approval":72}'],
  ])('refuses %s=%s', (name, given) => {
    expect(problemsOf({ ...least, [name]: given })).toEqual([
      expect.stringMatching(`^${name} must be .*\\.$`),
    ]);
  });

  it('prints no token in production, even where DEMO asks for it', () => {
    expect(accepted({ ...least, DEMO: '1' }).demo).toBe(true);
    expect(accepted({ ...inProduction, DEMO: '1' }).demo).toBe(false);
  });

  it('refuses a secret beside a key set', () => {
    expect(problemsOf({ ...least, JWT_SECRET: canary, JWT_JWKS_URL: 'https://id.example/keys' })).toEqual([
      'JWT_SECRET and JWT_JWKS_URL are both set: keep the one your tokens are signed for, unset the other.',
    ]);
  });
});

describe('requests to where the operator allows', () => {
  const allowed = (entries: string): string =>
    String(accepted({ ...least, EGRESS_ALLOW: entries }).egressAllow);

  it('are read from a list and shown as it was written', () => {
    const entries = 'jira.corp.internal:8443, http://127.0.0.1:8085';
    expect(allowed(entries)).toBe(entries);
    expect(describeConfig(accepted({ ...least, EGRESS_ALLOW: entries }))).toMatchObject({
      EGRESS_ALLOW: entries,
    });
  });

  it.each(['127.0.0.1:8085', '0.0.0.0/0', '[::1]', '[::/0]', 'localhost', '169.254.169.254', '[fe80::1]'])(
    'stop the start in production when they lead to this machine, as %s',
    (entry) => {
      expect(allowed(entry)).toBe(entry);
      expect(problemsOf({ ...inProduction, EGRESS_ALLOW: `10.1.2.3,${entry}` })).toEqual([
        expect.stringMatching(/^EGRESS_ALLOW names this machine .*\.$/),
      ]);
    },
  );

  it.each([
    ['http://10.1.2.3', 1],
    ['10.0.0.0/8,[fd00::/8],jira.corp.internal', 0],
  ])('in production, with %s: warnings %i', (entries, count) => {
    expect(accepted({ ...inProduction, EGRESS_ALLOW: entries }).warnings).toHaveLength(count);
  });
});

describe('warnings', () => {
  it.each([
    ['postgres://redress:pw@db.example/redress', 1],
    ['postgres://redress:pw@db.example/redress?sslmode=require', 0],
    ['postgres://redress:pw@db.example/redress?ssl=true', 0],
    ['postgres://redress:pw@127.0.0.1/redress', 0],
    ['postgres://redress:pw@[::1]:5432/redress', 0],
    ['postgres:///redress?host=/run/postgresql', 0],
    ['postgres://%2Frun%2Fpostgresql/redress', 0],
  ])('in production, about %s: %i', (url, count) => {
    expect(accepted({ ...inProduction, DATABASE_URL: url }).warnings).toHaveLength(count);
    expect(accepted({ ...inProduction, MIGRATIONS_DATABASE_URL: url }).warnings).toHaveLength(count);
    expect(accepted({ DATABASE_URL: url }).warnings).toEqual([]);
  });

  it('tell that cursors end with the process when there is no secret to sign them with', () => {
    const env = { ...inProduction, ...withKeys };
    expect(accepted(env).warnings).toEqual([expect.stringMatching(/^CURSOR_SECRET is not set: .*\.$/)]);
    expect(accepted({ ...env, CURSOR_SECRET: canary }).warnings).toEqual([]);
  });
});

describe('describing the config', () => {
  it('shows what is set, without secrets', () => {
    const described = describeConfig(
      accepted({
        ...inProduction,
        DATABASE_URL: `postgres://redress:${canary}@db.example:5433/redress?sslmode=require&password=${canary}`,
        CURSOR_SECRET: canary,
      }),
    );
    expect(described).toMatchObject({
      PORT: 3000,
      DATABASE_URL: 'postgres://***@db.example:5433/redress?***',
      JWT_SECRET: '***',
      DUE_HOURS: defaultPolicy.dueHours,
      PENDING_FLAG_HOURS: defaultPolicy.flagAfterHours,
    });
    expect(described).not.toHaveProperty('JWT_ISSUER');
    expect(JSON.stringify(described)).not.toContain('canary');
  });
});

describe('the development secret', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'redress-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is made once, readable by its owner only, in a folder that need not exist', () => {
    const dataDir = join(folder, 'new', 'data');
    const made = developmentSecret(dataDir);
    expect(Buffer.byteLength(made)).toBeGreaterThanOrEqual(32);
    expect(developmentSecret(dataDir)).toBe(made);
    expect(readdirSync(dataDir)).toEqual(['jwt-secret']);
    if (process.platform !== 'win32') expect(statSync(join(dataDir, 'jwt-secret')).mode & 0o777).toBe(0o600);
    expect(developmentSecret(folder)).not.toBe(made);
  });

  it('is not read from a file that was emptied', () => {
    writeFileSync(join(folder, 'jwt-secret'), '');
    expect(() => developmentSecret(folder)).toThrow('delete it');
  });

  it('is used only where nothing else verifies tokens', () => {
    const env = { ...least, DATA_DIR: folder };
    expect(withDevelopmentSecrets(accepted(env)).jwtSecret).toBe(developmentSecret(folder));
    expect(withDevelopmentSecrets(accepted({ ...env, JWT_SECRET: canary })).jwtSecret).toBe(canary);
    const withKeys = accepted({ ...env, JWT_JWKS_URL: 'https://id.example/keys' });
    expect(withDevelopmentSecrets(withKeys).jwtSecret).toBeUndefined();
  });
});

describe('the secret for cursors', () => {
  const other = canary.replace('canary', 'second');

  it('is derived from its own, else from that of tokens, and equals neither', () => {
    const own = cursorSecret(accepted({ ...least, CURSOR_SECRET: canary }));
    expect(own).toHaveLength(32);
    expect(cursorSecret(accepted({ ...least, CURSOR_SECRET: canary, JWT_SECRET: other }))).toEqual(own);
    expect(cursorSecret(accepted({ ...least, JWT_SECRET: canary }))).toEqual(own);
    expect(cursorSecret(accepted({ ...least, JWT_SECRET: other }))).not.toEqual(own);
  });

  it('is a new one each time where there is neither', () => {
    expect(cursorSecret(accepted(least))).not.toEqual(cursorSecret(accepted(least)));
  });
});

describe('the key for secrets of connections', () => {
  const bytes = Buffer.from(canary).subarray(0, 32);

  it('is 32 bytes, in base64 or hexadecimal; earlier ones are a list', () => {
    for (const encoding of ['base64', 'hex'] as const)
      expect(accepted({ ...least, SECRETS_KEY: bytes.toString(encoding) }).secretsKey).toEqual(bytes);
    const old = `${bytes.toString('hex')}, ${bytes.toString('base64')}`;
    expect(accepted({ ...least, SECRETS_KEYS_OLD: old }).secretsKeysOld).toEqual([bytes, bytes]);
    const wrong = ['canary', bytes.subarray(1).toString('base64'), `${bytes.toString('hex')}00`];
    for (const [name, given] of wrong.flatMap((text) => [
      ['SECRETS_KEY', text],
      ['SECRETS_KEYS_OLD', `${bytes.toString('hex')},${text}`],
    ])) {
      const problems = problemsOf({ ...least, [name!]: given });
      expect(problems).toEqual([expect.stringMatching(`^${name} must be `)]);
      expect(problems.join()).not.toContain(given);
    }
  });

  it('is made once in development, missed with a warning in production, and never shown', () => {
    const folder = mkdtempSync(join(tmpdir(), 'redress-key-'));
    const made = withDevelopmentSecrets(accepted({ ...least, DATA_DIR: folder })).secretsKey;
    expect(made).toHaveLength(32);
    expect(withDevelopmentSecrets(accepted({ ...least, DATA_DIR: folder })).secretsKey).toEqual(made);
    const production = accepted({ ...inProduction, SECRETS_KEY: '', DATA_DIR: folder });
    expect(withDevelopmentSecrets(production).secretsKey).toBeUndefined();
    expect(production.warnings).toEqual([expect.stringMatching(/^SECRETS_KEY is not set: /)]);
    const given = { SECRETS_KEY: bytes.toString('hex'), SECRETS_KEYS_OLD: bytes.toString('base64') };
    const shown = describeConfig(accepted({ ...least, ...given }));
    expect(shown).toMatchObject({ SECRETS_KEY: '***', SECRETS_KEYS_OLD: '***' });
    writeFileSync(join(folder, 'secrets-key'), 'short');
    expect(() => withDevelopmentSecrets(accepted({ ...least, DATA_DIR: folder }))).toThrow('delete it');
    rmSync(folder, { recursive: true });
  });
});

describe('a connection of the environment', () => {
  const whsec = `whsec_${Buffer.from(canary).toString('base64')}`;
  const sets = {
    Jira: {
      ...{ JIRA_SITE: 'https://acme.atlassian.net', JIRA_EMAIL: 'desk@acme.example' },
      ...{ JIRA_API_TOKEN: canary, JIRA_PROJECT: 'RECON' },
    },
    ServiceNow: {
      SERVICENOW_INSTANCE: 'https://acme.service-now.com',
      ...{ SERVICENOW_USERNAME: 'redress', SERVICENOW_PASSWORD: canary },
    },
    'a webhook': { WEBHOOK_URL: 'https://hooks.acme.example/', WEBHOOK_SECRET: whsec },
  };

  it.each(Object.entries(sets))('to %s is given whole or not at all', (system, set) => {
    const whole: Record<string, string> = { CONNECTIONS_TENANT: 'acme', ...set };
    expect(problemsOf({ ...least, ...whole })).toEqual([]);
    for (const missing of Object.keys(whole)) {
      const { [missing]: _left, ...rest } = whole;
      const given = Object.keys(rest).filter((name) => name !== 'CONNECTIONS_TENANT');
      expect(problemsOf({ ...least, ...rest, [missing]: '' })).toEqual([
        `${given.join(', ')} ${given.length > 1 ? 'are' : 'is'} set, but not ${missing}: ` +
          `set all that a connection to ${system} needs, or none.`,
      ]);
    }
  });

  it('is not made of what only goes along with it, and all that is missing is told', () => {
    expect(problemsOf({ ...least, JIRA_ISSUE_TYPE: 'Bug' })).toEqual([
      'JIRA_ISSUE_TYPE is set, but not JIRA_SITE, JIRA_EMAIL, JIRA_API_TOKEN, JIRA_PROJECT, CONNECTIONS_TENANT: ' +
        'set all that a connection to Jira needs, or none.',
    ]);
    expect(problemsOf({ ...least, CONNECTIONS_TENANT: 'acme' })).toEqual([]);
  });

  it('shows none of its secrets, right or wrong', () => {
    const inbound = {
      JIRA_INBOUND_SECRET: canary,
      SERVICENOW_INBOUND_SECRET: canary,
      WEBHOOK_INBOUND_SECRET: whsec,
    };
    const all = Object.assign({ ...least, CONNECTIONS_TENANT: 'acme', ...inbound }, ...Object.values(sets));
    const shown = JSON.stringify(describeConfig(accepted(all)));
    expect(shown).toContain('https://acme.atlassian.net');
    expect(shown).not.toContain('canary');
    expect(shown).not.toContain(whsec);
    const wrong = { WEBHOOK_SECRET: canary, WEBHOOK_INBOUND_SECRET: `${whsec}!` };
    const problems = problemsOf({ ...all, ...wrong });
    expect(problems).toHaveLength(2);
    expect(problems.join()).not.toMatch(/canary|whsec_Y/);
  });

  it.each([
    'acme.atlassian.net',
    'ftp://acme.example',
    'https://u:pw@acme.example',
    'https://acme.example/#x',
  ])('leads nowhere with %s', (given) => {
    const problems = problemsOf({ ...least, CONNECTIONS_TENANT: 'acme', ...sets.Jira, JIRA_SITE: given });
    expect(problems).toEqual([expect.stringMatching(/^JIRA_SITE must be a URL/)]);
    expect(problems.join()).not.toContain('pw');
  });
});

describe('secrets in files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'redress-secret-files-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const fileWith = (content: string): string => {
    const file = join(folder, `${readdirSync(folder).length}`);
    writeFileSync(file, content);
    return file;
  };

  it.each(['', '\n', '\r\n', '\n\n'])('leaves out the line breaks at the end: %j', (end) => {
    const read = accepted({
      DATABASE_URL_FILE: fileWith(`${least.DATABASE_URL}${end}`),
      JWT_SECRET_FILE: fileWith(`${canary} with blanks ${end}`),
    });
    expect(read).toMatchObject({ databaseUrl: least.DATABASE_URL, jwtSecret: `${canary} with blanks ` });
  });

  it('are those that docs/configuration.md lists', () => {
    const secrets = Object.values<{ name: string; parser: { isSecret?: true } }>(variables)
      .filter(({ parser }) => parser.isSecret)
      .map(({ name }) => name);
    const page = readFileSync(join(__dirname, '../../../../docs/configuration.md'), 'utf8');
    const section = page.slice(page.indexOf('## Secrets in files'), page.indexOf('## Tokens'));
    const listed = [...section.matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name);
    expect([...new Set(listed)].sort()).toEqual([...secrets].sort());
    expect(secrets).toContain('SECRETS_KEYS_OLD');
  });

  it('count for rules about several variables', () => {
    const both = problemsOf({
      ...least,
      JWT_SECRET_FILE: fileWith(canary),
      JWT_JWKS_URL: 'https://a.example/k',
    });
    expect(both).toEqual([expect.stringContaining('JWT_SECRET and JWT_JWKS_URL are both set')]);
    const part = problemsOf({ ...least, JIRA_API_TOKEN_FILE: fileWith('x') });
    expect(part).toEqual([expect.stringContaining('JIRA_API_TOKEN is set, but not JIRA_SITE')]);
  });

  it('are wrong without being repeated', () => {
    const problems = problemsOf({ ...least, JWT_SECRET_FILE: fileWith('hunter2') });
    expect(problems).toEqual([expect.stringMatching(/^JWT_SECRET must be a secret of at least 32 bytes/)]);
    expect(problems.join()).not.toContain('hunter2');
  });

  it('stop the start with a sentence when they cannot be used', () => {
    const missing = join(folder, 'missing');
    const long = fileWith('x'.repeat(65_537));
    const empty = fileWith('\n');
    expect(
      problemsOf({
        ...least,
        JWT_SECRET_FILE: missing,
        CURSOR_SECRET_FILE: long,
        SECRETS_KEY_FILE: empty,
        SECRETS_KEYS_OLD_FILE: '/dev/zero',
        WEBHOOK_SECRET: 'whsec_x',
        WEBHOOK_SECRET_FILE: fileWith('whsec_y'),
      }),
    ).toEqual([
      `JWT_SECRET_FILE, ${missing}, cannot be read (ENOENT): set it to a file that this process may read.`,
      `CURSOR_SECRET_FILE, ${long}, is longer than 65536 bytes: name the file that holds the secret.`,
      `SECRETS_KEY_FILE, ${empty}, is empty: write the secret into it.`,
      'SECRETS_KEYS_OLD_FILE, /dev/zero, is not a file: name the file that holds the secret.',
      'WEBHOOK_SECRET and WEBHOOK_SECRET_FILE are both set: keep the one that you mean, unset the other.',
    ]);
  });
});

describe('docs/configuration.md', () => {
  type Described = {
    name: string;
    default?: string;
    otherwise?: string;
    required?: true;
    parser: { accepts: string };
    description: string;
  };

  it('lists every variable as the table has it', () => {
    const rows = Object.values<Described>(variables).map(
      ({ name, default: fallback, otherwise, required, parser, description }) => {
        const unset = required ? '**required**' : fallback === undefined ? otherwise : `\`${fallback}\``;
        return `| \`${name}\` | ${unset} | ${parser.accepts} | ${description} |`;
      },
    );
    const table = ['| Variable | When not set | Takes | Meaning |', '| --- | --- | --- | --- |', ...rows];
    const page = readFileSync(join(__dirname, '../../../../docs/configuration.md'), 'utf8');
    expect(page.split('\n').filter((line) => line.startsWith('|'))).toEqual(table);
  });
});
