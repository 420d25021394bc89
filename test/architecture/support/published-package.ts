import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { root, tool } from './command';

/** What publint and attw have to say against a tarball. */
export async function complaintsAbout(tarball: string, folder: string) {
  const checks = await Promise.all([
    tool('publint/src/cli.js', ['--strict', tarball], folder),
    tool('@arethetypeswrong/cli/dist/index.js', [tarball], folder),
  ]);
  return checks.filter(({ code }) => code !== 0);
}

/** A program for each kind of module that prints the names which an entry point exports. */
export const printedNames = (entryPoint: string) =>
  [
    ['mjs', `import * as entry from '${entryPoint}'; console.log(Object.keys(entry).join(' '));`],
    ['cjs', `console.log(Object.keys(require('${entryPoint}')).join(' '));`],
  ] as const;

/** The example in the README of a package that can be run: its source, as a module of JavaScript, and what it prints. */
export function runnableExample(name: string): Readonly<{ source: string; module: string; printed: string }> {
  const readme = readFileSync(path.join(root, 'libs', name, 'README.md'), 'utf8');
  const fence = (info: string): string => new RegExp(`\`\`\`${info}\\n([^]*?)\`\`\``).exec(readme)![1]!;
  const source = fence('ts runnable');
  const { outputText: module } = ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  });
  return { source, module, printed: fence('text printed') };
}
