import { hkdfSync, randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Config } from './config';
import { secret, sealingKey, type Parser } from './parsers';

/** The config with all secrets there have to be: outside production, some of its own where none are given. */
export function withDevelopmentSecrets(config: Config): Config {
  const { jwtSecret, jwtJwksUrl, secretsKey, environment, dataDir } = config;
  return {
    ...config,
    ...(!jwtSecret && !jwtJwksUrl && { jwtSecret: developmentSecret(dataDir) }),
    ...(!secretsKey && environment !== 'production' && { secretsKey: developmentKey(dataDir) }),
  };
}

/** A secret for this folder, made once, so that tokens outlive a restart. */
export const developmentSecret = (dataDir: string): string => kept(dataDir, 'jwt-secret', 48, secret);

/** A key for this folder, made once, so that what is sealed with it can be opened after a restart. */
export const developmentKey = (dataDir: string): Buffer => kept(dataDir, 'secrets-key', 32, sealingKey);

/** Readable by its owner only. */
function kept<T>(dataDir: string, name: string, bytes: number, parser: Parser<T>): T {
  const file = join(dataDir, name);
  try {
    if (!existsSync(file)) keepOnce(file, randomBytes(bytes).toString('base64'));
  } catch (error) {
    const { code = 'unknown reason' } = error as NodeJS.ErrnoException;
    throw new Error(`DATA_DIR, ${dataDir}, cannot be written (${code}): set it to a folder that can.`);
  }
  const value = parser.parse(readFileSync(file, 'utf8').trim());
  if (value !== undefined) return value;
  throw new Error(`${file} does not hold ${parser.accepts}: delete it.`);
}

/** A link never replaces: of two processes that start together, both find the same complete file. */
function keepOnce(file: string, content: string): void {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  makeFolder(dirname(file));
  writeFileSync(draft, content, { mode: 0o600 });
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft);
  }
}

/** One folder after the other: where a file system refuses, as /proc does, Node's recursive way may never come back. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** The key for page cursors. Derived, so that one secret can serve two purposes without weakening either. */
export const cursorSecret = ({ cursorSecret: own, jwtSecret }: Config): Buffer =>
  Buffer.from(hkdfSync('sha256', own ?? jwtSecret ?? randomBytes(32), '', 'redress page cursors', 32));
