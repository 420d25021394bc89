import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** The shell lines of one section of a page of this repository, block by block. */
export function shellBlocks(page: string, section: string): string[] {
  const text = readFileSync(path.resolve(__dirname, '../..', page), 'utf8');
  const found = text.split(/^## /m).find((part) => part.startsWith(`${section}\n`));
  if (found === undefined) throw new Error(`${page} has no section "${section}".`);
  return [...found.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, lines]) => lines!);
}

/** Runs shell lines as a person would, and fails with what they printed when one of them fails. */
export function runShell(lines: string, cwd: string, env: Readonly<Record<string, string>>): Promise<string> {
  const options = { cwd, env: { PATH: process.env['PATH'], ...env }, timeout: 120_000 };
  return new Promise((resolve, reject) => {
    execFile('bash', ['-c', `set -euo pipefail\n${lines}`], options, (error, stdout, stderr) => {
      if (error) reject(new Error(`${lines}\n${stdout}${stderr || error.message}`));
      else resolve(stdout + stderr);
    });
  });
}
