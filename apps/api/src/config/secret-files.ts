import { readFileSync, statSync } from 'node:fs';
import type { Variable } from './variable';

/** More than any secret or URL needs. */
const maxBytes = 65_536;

export type WithSecretFiles = Readonly<{ env: NodeJS.ProcessEnv; problems: string[] }>;

/**
 * Secret files, as Docker and Kubernetes mount them: `JWT_SECRET_FILE` names a file whose content is `JWT_SECRET`. Every
 * variable that may hold a secret can be given so. Line breaks at the end of the file are not part of the secret.
 */
export function withSecretFiles(
  env: NodeJS.ProcessEnv,
  variables: readonly Variable<unknown>[],
): WithSecretFiles {
  const read: NodeJS.ProcessEnv = { ...env };
  const problems: string[] = [];
  for (const { name, parser } of variables) {
    const file = parser.isSecret && env[`${name}_FILE`];
    if (!file) continue;
    if (env[name]) {
      problems.push(`${name} and ${name}_FILE are both set: keep the one that you mean, unset the other.`);
      continue;
    }
    const content = contentOf(file);
    if (content.ok) read[name] = content.text;
    else problems.push(`${name}_FILE, ${file}, ${content.problem}.`);
  }
  return { env: read, problems };
}

type Content = Readonly<{ ok: true; text: string } | { ok: false; problem: string }>;

function contentOf(file: string): Content {
  try {
    // Asked before it is opened: reading a device or a pipe may never end.
    const status = statSync(file);
    if (!status.isFile()) return flawed('is not a file: name the file that holds the secret');
    if (status.size > maxBytes)
      return flawed(`is longer than ${maxBytes} bytes: name the file that holds the secret`);
    const text = readFileSync(file, 'utf8').replace(/[\r\n]+$/, '');
    return text ? { ok: true, text } : flawed('is empty: write the secret into it');
  } catch (error) {
    const { code = 'unknown reason' } = error as NodeJS.ErrnoException;
    return flawed(`cannot be read (${code}): set it to a file that this process may read`);
  }
}

const flawed = (problem: string): Content => ({ ok: false, problem });
