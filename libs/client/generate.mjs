import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import openapiTypes, { astToString } from 'openapi-typescript';

/* Writes the types of the API, from its description beside this file. */

const target = new URL('src/generated/schema.ts', import.meta.url);
const description = JSON.parse(readFileSync(new URL('openapi.json', import.meta.url), 'utf8'));
const methods = Object.values(description.paths).flatMap((item) => Object.values(item));

// Most of the description tells about headers, and about errors, of which it has two forms and many examples. The
// client sees to the headers and reads one form; what it derives types from is small enough to be published.
const read = ['If-Match', 'X-Idempotency-Key'];
for (const operation of methods) {
  operation.parameters = operation.parameters?.filter(
    ({ in: place, name }) => place !== 'header' || read.includes(name),
  );
  for (const [status, response] of Object.entries(operation.responses)) {
    delete response.headers;
    if (Number(status) < 400 || !response.content) continue;
    const { schema } = response.content['application/json'];
    response.content = { 'application/json': { schema } };
  }
}

const types = await openapiTypes(description, { defaultNonNullable: false, silent: true });
mkdirSync(new URL('.', target), { recursive: true });
// In one step: other programs may be reading it.
const draft = new URL(`${target}.${process.pid}`);
writeFileSync(draft, `/* Made from openapi.json by \`npm run generate\`. */\n\n${astToString(types)}`);
renameSync(draft, target);
