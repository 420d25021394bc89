import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { root } from './setup.mjs';

/** Pronouns that hide a role or a thing. Prose names the role or the thing: the caller, an operator, another process. */
const pronouns = /\b(?:whoever|whomever|somebody|nobody|anybody|everybody)\b/i;
/** Verbs that hide what happens. Prose says what a program does: sends, receives, lists, applies to. */
const vagueVerbs = /\b(?:told|heard|hears|meant)\b|\bin the house\b/i;
/** Words that say nothing as a name. A name says what a thing is or does: presented, received, loaded. */
const vagueNames = new Set([
  'told',
  'heard',
  'hears',
  'met',
  'meant',
  'carried',
  'chore',
  'chores',
  'mortal',
  'reaper',
]);
/** A field of stored proposals, and of what is loaded with them; texts that are pinned to what the service says. */
const kept = { name: 'carried', document: /^\| `[^`]+` +\|/ };
const title = /\b(?:it|test|describe)(?:\.each\b[^\n]*)?\(\s*(['"`])(?<text>.*?)\1/g;

/**
 * Words in a file that this project does not use, as `line: excerpt`. It reads comments, names and the titles of tests in code,
 * and all of a document. Texts that users see are pinned by their own tests.
 *
 * @param {string} file its name, which tells the language
 * @param {string} text
 * @returns {string[]}
 */
export function unclearWords(file, text) {
  const places = file.endsWith('.md') ? documentOf(text) : [...codeOf(text), ...titlesOf(text)];
  return places
    .filter(({ prose, name, isTitle }) =>
      prose === undefined
        ? isVague(name)
        : pronouns.test(prose) || (!isTitle && !isTest(file) && vagueVerbs.test(prose)),
    )
    .map(({ prose, name, line }) => `${line}: ${(prose ?? name).trim().slice(0, 100)}`);
}

/** Tests may tell a story. */
const isTest = (file) => /^test\/|\.spec\.ts$/.test(file);

const isVague = (name) =>
  name !== kept.name && name.split(/(?=[A-Z])|_/).some((part) => vagueNames.has(part.toLowerCase()));

/** A document without the rows of tables that repeat texts of the service, and without names in code. */
function documentOf(text) {
  return linesOf(text)
    .filter(({ prose }) => !kept.document.test(prose))
    .map(({ prose, line }) => ({ prose: prose.replace(/`[^`]*`/g, '``'), line }));
}

function linesOf(text, first = 1) {
  return text.split('\n').map((prose, i) => ({ prose, line: first + i }));
}

function codeOf(text) {
  const source = ts.createSourceFile('code.ts', text, ts.ScriptTarget.Latest);
  const lineAt = (position) => source.getLineAndCharacterOfPosition(position).line + 1;
  const comments = new Map();
  const names = [];
  const visit = (node) => {
    if (ts.isIdentifier(node)) names.push({ name: node.text, line: lineAt(node.getStart(source)) });
    const ranges = [ts.getLeadingCommentRanges(text, node.pos), ts.getTrailingCommentRanges(text, node.end)];
    for (const { pos, end } of ranges.flatMap((range) => range ?? []))
      comments.set(pos, text.slice(pos, end));
    for (const child of node.getChildren(source)) visit(child);
  };
  visit(source);
  return [...names, ...[...comments].flatMap(([pos, comment]) => linesOf(comment, lineAt(pos)))];
}

function* titlesOf(text) {
  for (const match of text.matchAll(title))
    yield { prose: match.groups.text, isTitle: true, line: text.slice(0, match.index).split('\n').length };
}

/** Of every file under version control; history is left as it was written. */
export function unclearWordsOf(folder) {
  const listed = execFileSync('git', ['ls-files', '*.ts', '*.mjs', '*.cjs', '*.md'], {
    cwd: folder,
    encoding: 'utf8',
  });
  return listed
    .split('\n')
    .filter((file) => file && !/^(docs\/decisions\/|CHANGELOG\.md$)/.test(file))
    .flatMap((file) =>
      unclearWords(file, readFileSync(path.join(folder, file), 'utf8')).map((found) => `${file}:${found}`),
    );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = unclearWordsOf(root);
  for (const line of found) console.error(line);
  process.exitCode = found.length === 0 ? 0 : 1;
}
