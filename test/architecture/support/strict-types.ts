import path from 'node:path';
import ts from 'typescript';
import { root } from './command';

/** The strictest settings that users of the packages have. */
const strict: ts.CompilerOptions = {
  module: ts.ModuleKind.Node16,
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2022.d.ts'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  skipLibCheck: true,
  types: [],
  typeRoots: [path.join(root, 'node_modules/@types')],
};

/** A program of these files of a folder, which has the packages installed. */
export const programOf = (
  folder: string,
  files: readonly string[],
  options: ts.CompilerOptions = {},
): ts.Program =>
  ts.createProgram(
    files.map((file) => path.join(folder, file)),
    { ...strict, ...options },
  );

/** What the compiler reports, each with the name of its file. */
export const problemsOf = (program: ts.Program): string[] =>
  ts
    .getPreEmitDiagnostics(program)
    .map(
      ({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    );
