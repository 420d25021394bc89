import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { scopes } from '../../apps/api/src/auth/scopes';
import {
  apiRoutes,
  at,
  bodyOf,
  checksOf,
  deref,
  exampleOf,
  membersOf,
  parametersOf,
  routesOf,
  whole,
  type ApiDocument,
  type Operation,
  type Response,
  type Schema,
} from '../support/api-document';
import { startTestApp, type TestApp } from '../support/app';

const contract = parse(
  readFileSync(path.join(__dirname, '../contract/exceptions-v1.openapi.yaml'), 'utf8'),
) as ApiDocument;

let service: TestApp;
let ours: ApiDocument;

beforeAll(async () => {
  service = await startTestApp();
  ours = (await service.send('GET', '/openapi.json')).body as ApiDocument;
}, 60_000);

afterAll(() => service.close());

/** What a part of ours lacks of the same part of the contract, as sentences. */
const lacking = {
  schema(where: string, mine: Schema | undefined, theirs: Schema): string[] {
    if (!mine) return [`${where} is missing`];
    const [own, wanted] = [whole(ours, mine), whole(contract, theirs)];
    const kinds = own.oneOf ? own.oneOf.map(({ type }) => type) : [own.type];
    const more = (wanted.enum ?? []).filter((value) => !own.enum?.includes(value));
    return [
      ...(wanted.type !== undefined && !kinds.includes(wanted.type) ? [`${where} is no ${wanted.type}`] : []),
      ...(['format', 'minLength', 'maxLength', 'deprecated'] as const)
        .filter((name) => wanted[name] !== undefined && wanted[name] !== own[name])
        .map((name) => `${where} has ${name} ${own[name]}, not ${wanted[name]}`),
      ...more.map((value) => `${where} cannot be ${value}`),
      ...membersOf(contract, wanted).flatMap(([name, member]) =>
        lacking.schema(`${where}.${name}`, own.properties?.[name], member),
      ),
      ...(wanted.items ? lacking.schema(`${where}[]`, own.items, wanted.items) : []),
    ];
  },

  /** A request may ask for no more than the contract does; an answer must keep all that it promises. */
  request(where: string, mine: Operation, theirs: Operation): string[] {
    const [own, wanted] = [bodyOf(ours, mine)!, bodyOf(contract, theirs)!];
    const required = [own, wanted].map((schema) => [...(schema.required ?? [])].sort().join());
    const examples = [exampleOf(ours, own), exampleOf(contract, wanted)] as const;
    return [
      ...lacking.schema(`${where} body`, own, wanted),
      ...(required[0] === required[1] ? [] : [`${where} requires ${required[0]}, not ${required[1]}`]),
      ...(mine.requestBody?.required ? [] : [`${where} does not require its body`]),
      ...Object.entries(examples[1])
        .filter(([name, example]) => examples[0][name] !== example)
        .map(([name]) => `${where} has another example of ${name}`),
    ];
  },

  response(where: string, mine: Response | undefined, theirs: Response): string[] {
    if (!mine) return [`${where} is missing`];
    const wanted = theirs.content!['application/json']!.schema;
    return [
      ...lacking.schema(where, mine.content?.['application/json']?.schema, wanted),
      ...Object.keys(theirs.headers ?? {})
        .filter((name) => !mine.headers?.[name])
        .map((name) => `${where} has no header ${name}`),
    ];
  },

  parameters(where: string, mine: Operation, theirs: Operation): string[] {
    return ['path', 'header', 'query'].flatMap((place) =>
      parametersOf(contract, theirs, place).flatMap((wanted) => {
        const own = parametersOf(ours, mine, place).find(
          ({ name }) => name.toLowerCase() === wanted.name.toLowerCase(),
        );
        if (!own) return [`${where} has no ${place} parameter ${wanted.name}`];
        const required = (own.required ?? false) === (wanted.required ?? false);
        return [
          ...lacking.schema(`${where} ${wanted.name}`, own.schema, wanted.schema),
          ...(required ? [] : [`${where} ${wanted.name} is required in one of both only`]),
        ];
      }),
    );
  },

  operation(where: string, mine: Operation | undefined, theirs: Operation): string[] {
    if (!mine) return [`${where} is missing`];
    return [
      ...(mine.operationId === theirs.operationId ? [] : [`${where} is called ${mine.operationId}`]),
      ...(JSON.stringify(mine.security) === JSON.stringify(theirs.security)
        ? []
        : [`${where} has another security`]),
      ...lacking.parameters(where, mine, theirs),
      ...lacking.request(where, mine, theirs),
      ...Object.entries(theirs.responses).flatMap(([status, response]) =>
        lacking.response(`${where} ${status}`, mine.responses[status], response),
      ),
    ];
  },
};

describe('the document', () => {
  it.each(routesOf(contract).map(({ name, path, method }) => [name, path, method] as const))(
    'has all that the contract says of %s',
    (name, path, method) => {
      const of = (document: ApiDocument) => document.paths[path]?.[method.toLowerCase()];
      expect(lacking.operation(name, of(ours), of(contract)!)).toEqual([]);
    },
  );

  it.each(Object.keys(contract.components.schemas))('has the schema %s of the contract', (name) => {
    const [own, wanted] = [ours, contract].map((document) => document.components.schemas[name]);
    expect(lacking.schema(name, own, wanted!)).toEqual([]);
  });

  it('tells the error as the contract does, letter by letter where it matters', () => {
    const { required, properties } = ours.components.schemas['ErrorResponse']!;
    expect(required).toEqual(contract.components.schemas['ErrorResponse']!.required);
    expect(properties?.['error']?.deprecated).toBe(true);
  });

  it('has the security scheme of the contract', () => {
    expect(ours.components.securitySchemes).toMatchObject(contract.components.securitySchemes);
  });

  it('would be found to lack something', () => {
    const { AdjustEntryRequest: wanted } = contract.components.schemas;
    const { notes, ...others } = ours.components.schemas['AdjustEntryRequest']!.properties!;
    const short = { ...notes, maxLength: 10 };
    expect(lacking.schema('it', { type: 'object', properties: others }, wanted!)).toEqual([
      'it.notes is missing',
    ]);
    expect(
      lacking.schema('it', { type: 'object', properties: { ...others, notes: short } }, wanted!),
    ).toEqual(['it.notes has maxLength 10, not 1000']);
    expect(lacking.schema('it', { type: 'array' }, { type: 'object' })).toEqual(['it is no object']);
    expect(lacking.schema('it', { type: 'string', enum: ['A'] }, { enum: ['A', 'B'] })).toEqual([
      'it cannot be B',
    ]);
  });
});

describe('as OpenAPI 3.1, the document', () => {
  it('says what it is', () => {
    expect(ours.openapi).toBe('3.1.0');
    expect(ours.info).toMatchObject({ title: 'Redress', version: '1' });
  });

  it('has no reference that leads nowhere', () => {
    const refs = [...JSON.stringify(ours).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref!);
    expect(refs.length).toBeGreaterThan(50);
    expect(refs.filter((ref) => !ref.startsWith('#/') || at(ours, ref) === undefined)).toEqual([]);
  });

  it('has no schema that nothing refers to', () => {
    const text = JSON.stringify(ours);
    const unused = Object.keys(ours.components.schemas).filter(
      (name) => !text.includes(`"#/components/schemas/${name}"`),
    );
    expect(unused).toEqual([]);
  });

  it('has schemas that a validator understands', () => {
    const check = checksOf(ours);
    for (const schema of Object.values(ours.components.schemas)) expect(() => check(schema)).not.toThrow();
  });

  it('has schemas that their own examples fit', () => {
    const check = checksOf(ours);
    const members = Object.entries(ours.components.schemas).flatMap(([name, schema]) =>
      membersOf(ours, schema).map(([member, shape]) => [`${name}.${member}`, shape] as const),
    );
    const misfits = members
      .filter(([, shape]) => shape.example !== undefined)
      .flatMap(([name, shape]) => check(shape)(shape.example).map((problem) => `${name}${problem}`));
    expect(misfits).toEqual([]);
  });

  it('gives every operation a name of its own', () => {
    const names = routesOf(ours).map(({ operation }) => operation.operationId);
    expect(names).toEqual([...new Set(names)]);
    for (const { operation } of apiRoutes(ours)) expect(operation.operationId).toMatch(/^[a-z]+[A-Za-z]+$/);
  });

  it('declares each parameter of a path, and no other', () => {
    for (const { name, path: template, operation } of routesOf(ours)) {
      const declared = parametersOf(ours, operation, 'path');
      const inPath = [...template.matchAll(/\{([^}]+)\}/g)].map(([, parameter]) => parameter);
      expect([name, declared.map((p) => p.name)]).toEqual([name, inPath]);
      expect(declared.every(({ required }) => required)).toBe(true);
    }
  });

  it('declares no parameter twice, and no header that OpenAPI wants said elsewhere', () => {
    for (const { name, operation } of routesOf(ours)) {
      const declared = (operation.parameters ?? []).map((p) => `${p.in} ${p.name.toLowerCase()}`);
      expect([name, declared]).toEqual([name, [...new Set(declared)]]);
      for (const header of ['accept', 'content-type', 'authorization'])
        expect([name, declared]).not.toEqual([name, expect.arrayContaining([`header ${header}`])]);
    }
  });

  it('says what every success looks like', () => {
    for (const { name, operation } of apiRoutes(ours)) {
      const successes = Object.entries(operation.responses).filter(([status]) => status < '300');
      expect([name, successes.length]).not.toEqual([name, 0]);
      for (const [status, { content }] of successes) {
        if (status === '204') continue;
        const { 'application/json': json, ...files } = content!;
        if (!json) {
          expect([name, Object.values(files).map(({ schema }) => schema.type)]).toEqual([
            name,
            Object.keys(files).map(() => 'string'),
          ]);
          expect(Object.keys(files)).not.toEqual([]);
          continue;
        }
        const { properties } = deref(ours, json.schema);
        expect([name, Object.keys(properties ?? {}).length]).not.toEqual([name, 0]);
      }
    }
  });

  it('answers every failure with an ErrorResponse, or the same as RFC 9457', () => {
    for (const { name, operation } of apiRoutes(ours)) {
      const failures = Object.entries(operation.responses).filter(([status]) => status >= '400');
      for (const status of ['400', '401', '403', '500', '503'])
        expect([name, failures.map(([s]) => s)]).toEqual([name, expect.arrayContaining([status])]);
      for (const [status, { content }] of failures) {
        const where = `${name} ${status}`;
        const [error, { properties } = {}, ...more] = content!['application/json']!.schema.allOf ?? [];
        expect([where, error, more]).toEqual([where, { $ref: '#/components/schemas/ErrorResponse' }, []]);
        const titles = properties?.['title']?.enum ?? [];
        expect([where, titles.length]).not.toEqual([where, 0]);
        expect([where, titles]).toEqual([where, [...new Set(titles)]]);
        expect([where, Object.keys(content!)]).toEqual([
          where,
          ['application/json', 'application/problem+json'],
        ]);
      }
    }
  });

  it('may say 404 exactly where there is an id, and more of what each kind of route has in common', () => {
    for (const { name, path: template, method, operation } of apiRoutes(ours)) {
      const statuses = Object.keys(operation.responses);
      expect([name, statuses.includes('404')]).toEqual([name, template.includes('{')]);
      const headers = parametersOf(ours, operation, 'header').map((header) => header.name);
      const [keyed, conditional] = ['X-Idempotency-Key', 'If-Match'].map((header) =>
        headers.includes(header),
      );
      if (method === 'GET') expect([name, keyed, conditional]).toEqual([name, false, false]);
      expect([name, statuses.includes('412')]).toEqual([name, conditional]);
      for (const status of ['409', '413', '415', '422'])
        if (keyed) expect([name, statuses]).toEqual([name, expect.arrayContaining([status])]);
    }
  });

  it('takes no condition for what is raised, or for many, and says so', () => {
    const unconditional = apiRoutes(ours).filter(
      ({ method, operation }) =>
        method !== 'GET' && !parametersOf(ours, operation, 'header').some(({ name }) => name === 'If-Match'),
    );
    expect(unconditional.map(({ operation }) => operation.operationId).sort()).toEqual([
      'applyEdits',
      'bulkAssignExceptions',
      'bulkDispatchExceptions',
      'bulkResolveExceptions',
      'importExceptions',
      'raiseException',
      'reverseAdjustment',
      'testConnection',
    ]);
    for (const { operation } of unconditional)
      expect((operation as { description?: string }).description).toContain('`If-Match` is refused with 400');
  });

  it('names the scope of every route, and one there is', () => {
    for (const { name, scope, operation } of apiRoutes(ours)) {
      expect([name, scopes]).toEqual([name, expect.arrayContaining([scope])]);
      expect(operation.security).toEqual([{ BearerAuth: [] }]);
    }
  });

  it('names a server, its tags, and how each route knows who calls', () => {
    const { servers, tags } = ours as unknown as Record<
      'servers' | 'tags',
      { url?: string; name?: string }[]
    >;
    expect(servers).toEqual([{ url: '/' }]);
    const schemes = Object.keys(ours.components.securitySchemes);
    for (const { name, path: template, operation } of routesOf(ours)) {
      const { tags: own = [], security } = operation as Operation & { tags?: string[] };
      expect([name, own.length]).toEqual([name, 1]);
      expect(tags.map((tag) => tag.name)).toContain(own[0]);
      const used = (security ?? []).flatMap((one) => Object.keys(one as object));
      expect(schemes).toEqual(expect.arrayContaining(used));
      const signed = template.startsWith('/v1/inbound/');
      if (!template.startsWith('/v1/') || signed)
        expect([name, used]).toEqual([name, signed ? [expect.stringMatching(/signature/i)] : []]);
    }
  });

  it('says that bodies have no other members, and that headers and parameters have a form', () => {
    for (const { name, operation } of apiRoutes(ours)) {
      const body = bodyOf(ours, operation);
      if (body?.properties) expect([name, body.additionalProperties]).toEqual([name, false]);
      for (const { name: parameter, schema } of parametersOf(ours, operation, 'query')) {
        const said = { ...schema, ...schema.items } as Record<string, unknown>;
        const bounded = ['enum', 'maxLength', 'format', 'anyOf', 'maximum', 'pattern'].some(
          (key) => key in said,
        );
        expect([name, parameter, bounded || said['type'] === 'boolean']).toEqual([name, parameter, true]);
      }
      for (const { name: header, schema } of parametersOf(ours, operation, 'header'))
        expect([name, header, 'pattern' in schema]).toEqual([name, header, header !== 'X-Request-Id']);
    }
    const { operation } = routesOf(ours).find(({ path: template }) => template.endsWith('/callback'))!;
    const key = parametersOf(ours, operation, 'header').find(({ name }) => name === 'X-Idempotency-Key');
    expect(key?.required).toBe(true);
  });

  it('is the same as YAML', async () => {
    const { status, text, headers } = await service.send('GET', '/openapi.yaml');
    expect(status).toBe(200);
    expect(parse(text)).toEqual(ours);
    // The text is kept, and is the same.
    const kept = await service.send('GET', '/openapi.yaml');
    expect([kept.status, kept.text, kept.headers['content-type']]).toEqual([
      200,
      text,
      headers['content-type'],
    ]);
  });
});

describe('the routes', () => {
  /** Fastify prints its routes as a tree, four columns for each level. */
  function registered(): string[] {
    const tree = service.app.getHttpAdapter().getInstance().printRoutes({ commonPrefix: false });
    const above: string[] = [];
    return tree.split('\n').flatMap((line) => {
      const [, indent = '', part = '', methods = ''] = /^(\W*?[├└]── )(\S*) \((.*)\)/.exec(line) ?? [];
      if (!part) return [];
      const depth = indent.length / 4;
      above.splice(depth - 1, Infinity, part);
      const whole = above.join('').replace(/:(\w+)/g, '{$1}');
      return methods.split(', ').map((method) => `${method} ${whole}`);
    });
  }

  it('of the service are those of the document', () => {
    const served = registered().filter((route) => !route.startsWith('HEAD ') && route.includes(' /v1/'));
    const described = routesOf(ours).filter(({ path: template }) => template.startsWith('/v1/'));
    expect(served.sort()).toEqual(described.map(({ name }) => name).sort());
    expect(served.length).toBeGreaterThanOrEqual(32);
  });

  it('beside the API are few', () => {
    const others = registered().filter((route) => /^GET \/(?!v1\/)/.test(route));
    const roots = new Set(others.map((route) => route.replace(/^GET (\/[a-z.]+).*$/, '$1')));
    expect([...roots].sort()).toEqual(['/docs', '/health', '/metrics', '/openapi.json', '/openapi.yaml']);
  });
});

describe('the page that shows the document', () => {
  const get = (path: string) => service.send('GET', path);

  it('is HTML', async () => {
    for (const address of ['/docs', '/docs/']) {
      const { status, headers, text } = await get(address);
      expect(status).toBe(200);
      expect(headers['content-type']).toMatch(/^text\/html/);
      expect(text).toContain('<title>Redress</title>');
    }
  });

  it('loads everything from here, each as what it is', async () => {
    const { text } = await get('/docs');
    const assets = [...text.matchAll(/<(?:script|link)[^>]+(?:src|href)="([^"]+)"/g)].map(([, url]) => url!);
    expect(assets.length).toBeGreaterThanOrEqual(5);
    const kinds: Record<string, RegExp> = {
      css: /^text\/css/,
      js: /^(text|application)\/javascript/,
      png: /^image\/png/,
    };
    for (const asset of assets) {
      const { origin, pathname } = new URL(asset, 'http://here/docs');
      expect(origin).toBe('http://here');
      const { status, headers, text: content } = await get(pathname);
      expect([asset, status]).toEqual([asset, 200]);
      expect(headers['content-type']).toMatch(kinds[pathname.split('.').pop()!]!);
      expect(content.length).toBeGreaterThan(100);
    }
  });

  it('is allowed by the content security policy to run what it loads, and only that', async () => {
    const { headers, text } = await get('/docs');
    const policy = new Map(
      headers['content-security-policy']!.split(';').map((directive): [string, string] => {
        const [name = '', ...sources] = directive.trim().split(' ');
        return [name, sources.join(' ')];
      }),
    );
    expect(policy.get('script-src')).toBe("'self'");
    expect(policy.get('script-src-attr')).toBe("'none'");
    expect(policy.get('default-src')).toBe("'self'");
    expect(policy.get('img-src')).toBe("'self' data:");
    expect(policy.get('style-src')).toContain("'unsafe-inline'");
    expect(policy.has('upgrade-insecure-requests')).toBe(false);
    for (const [, attributes, content] of text.matchAll(/<script([^>]*)>([\s\S]*?)<\/script>/g)) {
      expect(attributes).toContain('src=');
      expect(content!.trim()).toBe('');
    }
    expect(text).not.toMatch(/\son[a-z]+="/i);
  });

  it('shows this document', async () => {
    const { text } = await get('/docs/swagger-ui-init.js');
    for (const { operation } of apiRoutes(ours)) expect(text).toContain(`"${operation.operationId}"`);
  });
});
