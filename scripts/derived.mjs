import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { requireTypeScript } from './require-typescript.mjs';
import { ensureInstalled, root } from './setup.mjs';

/**
 * Writes what follows from the sources: the pictures of docs/lifecycles.md, the table of docs/events.md, and the list of
 * migrations: `npm run derived`. Specs compare all of them with the sources, so a reviewer sees the diff.
 */
ensureInstalled();
const require = requireTypeScript('libs/domain/src/index.ts');

const lifecycles = {
  Exception: require('./exception/exception.lifecycle').exceptionLifecycle,
  Dispute: require('./dispute/dispute.lifecycle').disputeLifecycle,
  Dispatch: require('./dispatch/dispatch.lifecycle').dispatchLifecycle,
  Delivery: require('./webhook/delivery.lifecycle').deliveryLifecycle,
};
const { toMermaid } = require('./lifecycle');
const { eventDescriptions } = require('./webhook/event-types');

rewrite('docs/lifecycles.md', (page) =>
  page.replace(/(^## (\w+)\n[^]*?```mermaid\n)([^]*?)\n```/gm, (whole, before, heading, drawn) => {
    const picture = lifecycles[heading] && toMermaid(lifecycles[heading]);
    const lines = (text) => text.split('\n').sort().join('\n');
    return picture === undefined || lines(picture) === lines(drawn) ? whole : `${before}${picture}\n\`\`\``;
  }),
);

rewrite('docs/events.md', (page) => {
  const rows = Object.entries(eventDescriptions).map(([type, said]) => `| \`${type}\` | ${said} |\n`);
  return page.replace(/(?:^\| `\w+\.\w+` \| .+ \|\n)+/m, rows.join(''));
});

const folder = 'libs/typeorm/src/migrations';
rewrite(`${folder}/all-migrations.ts`, () => {
  const files = readdirSync(path.join(root, folder))
    .filter((file) => /^\d{4}-.*(?<!\.spec)\.ts$/.test(file))
    .sort();
  const classes = files.map((file) => {
    const [, name] = /^export class (\w+)/m.exec(readFileSync(path.join(root, folder, file), 'utf8'));
    return { name, from: `./${file.replace(/\.ts$/, '')}` };
  });
  return [
    '// Written by `npm run derived`.',
    "import type { MigrationInterface } from 'typeorm';",
    ...classes.map(({ name, from }) => `import { ${name} } from '${from}';`),
    '',
    '/** Every migration, in order: first the tables of the job engine, then those of the desk, which refer to them. */',
    'export const migrations: readonly (new () => MigrationInterface)[] = [',
    ...classes.map(({ name }) => `  ${name},`),
    '];',
    '',
  ].join('\n');
});

function rewrite(name, change) {
  const file = path.join(root, name);
  const before = readFileSync(file, 'utf8');
  const after = change(before);
  if (after === before) return;
  writeFileSync(file, after);
  console.log(`Wrote ${name}.`);
}
