import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Application, Converter, ReflectionKind } from 'typedoc';
import { root as repository, ensureClientTypes, ensureInstalled } from './setup.mjs';

/** What needs a doc comment of its own. A field has one where its name and type leave a question open. */
const requiredToBeDocumented = ['Class', 'Enum', 'Function', 'Interface', 'TypeAlias', 'Variable', 'Method'];

/** Types that compute the types of the client from the OpenAPI document. Readers need the types that come out of them. */
const typeArithmetic = [
  'Argument',
  'Call',
  'DoneIn',
  'FailedIn',
  'FileAnswered',
  'FileSent',
  'Having',
  'Header',
]
  .concat([
    'Json',
    'JsonIn',
    'Listed',
    'Member',
    'Operation',
    'Parts',
    'Path',
    'Sent',
    'TitleIn',
    'components',
  ])
  .map((name) => `.ts:${name}`);

const documents = ['CONTRIBUTING.md', 'docs/*.md', 'docs/decisions/*.md', 'libs/*/README.md'];

/** `--root`: another repository with packages under libs/. `--no-html`: check the comments, write no site. */
const { values: given } = parseArgs({
  allowNegative: true,
  options: { root: { type: 'string', default: repository }, html: { type: 'boolean', default: true } },
});
const root = path.resolve(given.root);
if (root === repository) {
  ensureInstalled();
  ensureClientTypes();
}
const entries = entryPoints();
const packages = new Set([...entries.values()].map((name) => name.split('/', 2).join('/')));
const app = await Application.bootstrap({
  name: 'Redress',
  entryPoints: [...entries.keys()],
  tsconfig: path.join(root, 'libs/tsconfig.docs.json'),
  projectDocuments: root === repository ? documents.map(inRoot) : [],
  readme: existsSync(inRoot('README.md')) ? inRoot('README.md') : 'none',
  out: inRoot('dist/docs'),
  requiredToBeDocumented,
  packagesRequiringDocumentation: [...packages],
  treatWarningsAsErrors: true,
  excludePrivate: true,
  excludeProtected: true,
  excludeInternal: true,
  // The compiler has its own step, `npm run types`.
  skipErrorChecking: true,
  disableGit: true,
  sourceLinkTemplate: '{path}',
  highlightLanguages: [
    'bash',
    'console',
    'csv',
    'diff',
    'http',
    'json',
    'jsonc',
    'mermaid',
    'sql',
    'ts',
    'yaml',
  ],
});
app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => giveTitles(project));

const project = await app.convert();
if (project) {
  validate(project);
  if (given.html && !app.logger.hasWarnings()) await app.generateDocs(project, inRoot('dist/docs'));
}
process.exitCode = project && !app.logger.hasWarnings() && !app.logger.hasErrors() ? 0 : 1;

function inRoot(file) {
  return path.join(root, file);
}

/** The source of every entry point of every package → the name that users import, such as `@redress/domain/testing`. */
function entryPoints() {
  const found = new Map();
  for (const folder of readdirSync(inRoot('libs')).sort()) {
    const manifest = inRoot(`libs/${folder}/package.json`);
    if (!existsSync(manifest)) continue;
    const { name, exports } = JSON.parse(readFileSync(manifest, 'utf8'));
    for (const subpath of Object.keys(exports).filter((key) => !key.endsWith('.json')))
      found.set(path.join(root, 'libs', folder, 'src', subpath, 'index.ts'), path.posix.join(name, subpath));
  }
  return found;
}

/** Modules are called as they are imported, and documents by their first heading. */
function giveTitles(project) {
  for (const reflection of Object.values(project.reflections)) {
    if (reflection.kindOf(ReflectionKind.Module))
      reflection.name = entries.get(reflection.sources?.[0]?.fullFileName) ?? reflection.name;
    if (reflection.kindOf(ReflectionKind.Document)) {
      const [part] = reflection.content;
      const [, heading] = /^# (.+)$/m.exec(part?.text ?? '') ?? [];
      if (heading) reflection.name = heading.replaceAll('`', '');
    }
  }
}

/** TypeDoc looks for missing exports in the package of the project alone, so each package takes its turn. */
function validate(project) {
  const checks = app.options.getValue('validation');
  const { packageName } = project;
  const only = { notExported: true, notDocumented: false, invalidLink: false, invalidPath: false };
  for (const name of packages) {
    project.packageName = name;
    app.options.setValue('validation', only);
    app.options.setValue('intentionallyNotExported', name === '@redress/client' ? typeArithmetic : []);
    app.validate(project);
  }
  project.packageName = packageName;
  app.options.setValue('validation', { ...checks, notExported: false, notDocumented: true });
  app.validate(project);
}
