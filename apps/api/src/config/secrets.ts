import { hkdfSync, randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Config } from '../config';
import { secret } from './parsers';

/** The config with something to verify tokens with: outside production, a secret of its own where none is given. */
export const withDevelopmentSecret = (config: Config): Config =>
  config.jwtSecret || config.jwtJwksUrl
    ? config
    : { ...config, jwtSecret: developmentSecret(config.dataDir) };

/** A secret for this folder, made once, so that tokens outlive a restart. Readable by its owner only. */
export function developmentSecret(dataDir: string): string {
  const file = join(dataDir, 'jwt-secret');
  if (!existsSync(file)) keepOnce(file, randomBytes(48).toString('base64url'));
  const kept = readFileSync(file, 'utf8').trim();
  if (secret.parse(kept) !== undefined) return kept;
  throw new Error(`${file} is no secret of 32 bytes or more: delete it.`);
}

/** A link never replaces: of two processes that start together, both find the same complete file. */
function keepOnce(file: string, content: string): void {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(draft, content, { mode: 0o600 });
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft);
  }
}

/** The key for page cursors. Derived, so that one secret can serve two purposes without weakening either. */
export const cursorSecret = ({ cursorSecret: own, jwtSecret }: Config): Buffer =>
  Buffer.from(hkdfSync('sha256', own ?? jwtSecret ?? randomBytes(32), '', 'redress page cursors', 32));
