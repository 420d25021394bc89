// A Jira Cloud to try things out with: as strict as the real one about what it takes, in memory, on this machine only.
import { randomUUID } from 'node:crypto';
import {
  documentProblem,
  fieldErrors,
  issueTypes,
  projects,
  propertiesProblem,
  screenOf,
  textOfDocument,
} from './jira-fields.mjs';
import { serve } from './serve.mjs';
import { signature } from './signature.mjs';

const account = { email: 'bot@example.com', apiToken: 'fake-jira-token' };
const bot = { accountId: '5b10ac8d82e05b22cc7d4ef5', displayName: 'Redress', emailAddress: account.email };
const person = { accountId: '5b10a2844c20165700ede21g', displayName: 'Mia Krystof' };
const categories = { 'To Do': 'new', 'In Progress': 'indeterminate', Done: 'done' };

let issues;
let lastId;
let lastNumber;
/** Of each project, an issue that the account created before: in use, a site has such. */
let earlier;
function reset() {
  issues = new Map();
  lastId = 10_000;
  lastNumber = 0;
  earlier = Object.keys(projects).map((project, i) => ({
    ...{ id: String(9_000 + i), key: `${project}-90000`, self: '', properties: {} },
    fields: { project: { key: project }, labels: [], created: moment(Date.parse('2025-01-01')) },
  }));
}

const ok = (body) => ({ status: 200, body });
const refused = (status, message, errors = {}) => ({
  status,
  body: { errorMessages: message ? [message] : [], errors },
});
const notThere = () => refused(404, 'Issue does not exist or you do not have permission to see it.');
const moment = (ms) => new Date(ms).toISOString().replace('Z', '+0000');
const statusOf = (name, category) => ({ name, statusCategory: { key: category ?? categories[name] } });

/** `METHOD` and the path after /rest/api/3 → what is answered. */
const routes = [
  ['POST', /^\/issue$/, create],
  ['GET', /^\/issue\/([^/]+)$/, show],
  ['GET', /^\/issue\/([^/]+)\/comment$/, comments],
  ['POST', /^\/issue\/([^/]+)\/comment$/, comment],
  ['POST', /^\/search\/jql$/, search],
  ['GET', /^\/search$/, gone],
  ['POST', /^\/search$/, gone],
  ['GET', /^\/myself$/, () => ok(bot)],
  ['GET', /^\/project\/([^/]+)$/, project],
  ['GET', /^\/mypermissions$/, permissions],
  ['GET', /^\/issue\/createmeta\/([^/]+)\/issuetypes$/, metaTypes],
  ['GET', /^\/issue\/createmeta\/([^/]+)\/issuetypes\/(\d+)$/, metaFields],
];

function answer(request, settings) {
  const page = /^\/browse\/([^/]+)$/.exec(request.path);
  if (page) return browse(page[1]);
  const path = request.path.replace(/^\/ex\/jira\/[^/]+/, '');
  if (!path.startsWith('/rest/api/3/')) return { status: 404, body: '<html>Not found</html>' };
  const expected = `Basic ${Buffer.from(`${account.email}:${account.apiToken}`).toString('base64')}`;
  if (request.headers.authorization !== expected)
    return { status: 401, body: 'Client must be authenticated to access this resource.' };
  if (request.method === 'POST' && !/^application\/json\b/.test(request.headers['content-type'] ?? ''))
    return refused(415, 'Unsupported Media Type');
  for (const [method, pattern, handle] of routes) {
    const match = pattern.exec(path.slice('/rest/api/3'.length));
    if (match && method === request.method)
      return handle(request, settings, decodeURIComponent(match[1] ?? ''));
  }
  return refused(404, null);
}

function create({ body, address }, settings) {
  if (!body?.fields) return refused(400, 'fields is required');
  const problem = propertiesProblem(body.properties);
  if (problem) return refused(400, problem);
  const errors = fieldErrors(body.fields, settings);
  if (Object.keys(errors).length) return refused(400, undefined, errors);
  const key = `${body.fields.project.key}-${++lastNumber}`;
  const now = Date.now();
  const issue = {
    id: String(++lastId),
    key,
    self: `${address}/rest/api/3/issue/${lastId}`,
    createdMs: now,
    properties: Object.fromEntries((body.properties ?? []).map(({ key, value }) => [key, value])),
    comments: [],
    fields: {
      ...body.fields,
      status: statusOf('To Do'),
      assignee: null,
      created: moment(now),
      updated: moment(now),
    },
  };
  issues.set(key, issue);
  return { status: 201, body: { id: issue.id, key, self: issue.self } };
}

/** By its id or key. An issue that was moved is found by its first key, too. */
const issueOf = (keyOrId) =>
  issues.get(keyOrId) ??
  [...issues.values()].find(({ id, key }) => id === keyOrId || key === keyOrId.toUpperCase());

/** Only the fields that were named, and of those only what there is. */
const chosen = (issue, names) => ({
  id: issue.id,
  key: issue.key,
  self: issue.self,
  ...(names.length && {
    fields: Object.fromEntries(
      Object.entries(issue.fields).filter(([name]) => names.includes(name) || names.includes('*all')),
    ),
  }),
});

function show({ query }, { createOnly }, key) {
  const issue = issueOf(key);
  return issue && !createOnly ? ok(chosen(issue, (query.get('fields') ?? '*all').split(','))) : notThere();
}

function search({ body }, { indexLagMs, pageSize, createOnly, blindSearch, newAccount }) {
  const { jql = '', fields = [], properties = [], maxResults = 50, nextPageToken } = body ?? {};
  const asked =
    /^(?:(labels|project) = "((?:[^"\\]|\\.)*)")( AND creator = currentUser\(\))?(?: ORDER BY created (ASC|DESC))?$/i.exec(
      jql.trim(),
    );
  if (!asked)
    return refused(400, 'Unbounded JQL queries are not allowed here, or this one is not understood.');
  const value = JSON.parse(`"${asked[2]}"`);
  const isAsked =
    asked[1].toLowerCase() === 'labels'
      ? ({ fields }) => fields.labels?.includes(value)
      : ({ fields }) => fields.project.key === value;
  const indexed = [...(newAccount ? [] : earlier), ...(blindSearch ? [] : issues.values())].filter(
    (issue) => !createOnly && isAsked(issue) && Date.now() - (issue.createdMs ?? 0) >= indexLagMs,
  );
  if (asked[4]?.toUpperCase() !== 'ASC') indexed.reverse();
  const from = Number(nextPageToken ?? 0);
  const to = from + Math.min(maxResults, pageSize);
  const page = indexed.slice(from, to).map((issue) => ({
    ...chosen(issue, fields),
    ...(properties.length && {
      properties: Object.fromEntries(
        Object.entries(issue.properties).filter(([name]) => properties.includes(name)),
      ),
    }),
  }));
  const isLast = to >= indexed.length;
  return ok({ issues: page, isLast, ...(!isLast && { nextPageToken: String(to) }) });
}

function gone() {
  return refused(
    410,
    'The requested API has been removed. Please migrate to the /rest/api/3/search/jql API.',
  );
}

function comment({ body, address }, _settings, key) {
  const issue = issueOf(key);
  if (!issue) return notThere();
  const problem = documentProblem(body?.body);
  if (problem) return refused(400, undefined, { comment: problem });
  const wrong = propertiesProblem(body.properties);
  if (wrong) return refused(400, wrong);
  const id = String(++lastId);
  const created = {
    id,
    self: `${address}/rest/api/3/issue/${issue.id}/comment/${id}`,
    author: bot,
    body: body.body,
    created: moment(Date.now()),
    properties: body.properties ?? [],
  };
  issue.comments.push(created);
  issue.fields.updated = moment(Date.now());
  return { status: 201, body: withoutProperties(created) };
}

/** They are shown only when they are asked for. */
const withoutProperties = ({ properties: _, ...comment }) => comment;

function comments({ query }, { pageSize, createOnly }, key) {
  const issue = issueOf(key);
  if (!issue || createOnly) return notThere();
  const startAt = Number(query.get('startAt') ?? 0);
  const maxResults = Math.min(Number(query.get('maxResults') ?? 50), pageSize);
  const shown = query.get('expand')?.includes('properties') ? (each) => each : withoutProperties;
  const page = issue.comments.slice(startAt, startAt + maxResults).map(shown);
  return ok({ startAt, maxResults, total: issue.comments.length, comments: page });
}

function project(_request, _settings, key) {
  if (!Object.hasOwn(projects, key)) return refused(404, `No project could be found with key '${key}'.`);
  const { id, name } = projects[key];
  return ok({ id, key, name, issueTypes: issueTypes.map((type) => ({ name: type, subtask: false })) });
}

function permissions({ query }, { createOnly }) {
  const asked = (query.get('permissions') ?? '').split(',');
  const has = (name) => !createOnly || name !== 'BROWSE_PROJECTS';
  return ok({
    permissions: Object.fromEntries(asked.map((key) => [key, { key, havePermission: has(key) }])),
  });
}

function metaTypes(_request, _settings, key) {
  if (!Object.hasOwn(projects, key)) return refused(404, `No project could be found with key '${key}'.`);
  const types = issueTypes.map((name, i) => ({ id: String(i + 1), name, subtask: false }));
  return ok({ startAt: 0, maxResults: 50, total: types.length, issueTypes: types });
}

function metaFields({ query }, settings, key) {
  if (!Object.hasOwn(projects, key)) return refused(404, `No project could be found with key '${key}'.`);
  const all = screenOf(settings);
  const startAt = Number(query.get('startAt') ?? 0);
  const maxResults = Math.min(Number(query.get('maxResults') ?? 50), settings.pageSize);
  return ok({ startAt, maxResults, total: all.length, fields: all.slice(startAt, startAt + maxResults) });
}

function browse(key) {
  const issue = issueOf(key);
  if (!issue) return { status: 404, body: '<html>Not found</html>' };
  const { summary, status, labels, description } = issue.fields;
  const said = [summary, `${status.name} · ${labels?.join(' ')}`, '', textOfDocument(description)];
  const notes = issue.comments.map((each) => `\n— ${each.author.displayName}: ${textOfDocument(each.body)}`);
  return {
    status: 200,
    body: [...said, ...notes].join('\n'),
    headers: { 'content-type': 'text/plain; charset=utf-8' },
  };
}

/** The next status of an issue, or its move to another project, and what Jira sends about it: a body and its headers. */
function transition({ key = '', project, resolution, assignee, ...to }, _address, secret) {
  const issue = issueOf(key);
  const before = issue?.fields.status;
  const { status = project === undefined ? '' : before?.name, category } = to;
  if (!issue || !(category || Object.hasOwn(categories, status))) return undefined;
  const now = Date.now();
  const moves = [];
  if (project !== undefined) {
    if (!Object.hasOwn(projects, project)) return undefined;
    const moved = `${project}-${++lastNumber}`;
    moves.push({
      field: 'Key',
      fieldtype: 'jira',
      from: null,
      fromString: issue.key,
      to: null,
      toString: moved,
    });
    issue.key = moved;
    issue.fields.project = { key: project };
  }
  issue.fields = {
    ...issue.fields,
    status: statusOf(status, category),
    ...(resolution && { resolution: { name: resolution } }),
    updated: moment(now),
    ...(assignee && { assignee: { accountId: randomUUID(), displayName: assignee } }),
  };
  const change = { field: 'status', fieldId: 'status', fieldtype: 'jira', from: null, to: null };
  const body = JSON.stringify({
    timestamp: now,
    webhookEvent: 'jira:issue_updated',
    issue_event_type_name: 'issue_generic',
    user: person,
    issue: { id: issue.id, key: issue.key, self: issue.self, fields: issue.fields },
    changelog: {
      id: String(++lastId),
      items: [...moves, { ...change, fromString: before.name, toString: status }],
    },
  });
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'user-agent': 'Atlassian Webhook HTTP Client',
    'x-atlassian-webhook-identifier': randomUUID(),
    'x-atlassian-webhook-flow': 'Primary',
    ...signature('x-hub-signature', body, secret),
  };
  return { headers, body };
}

function comeLater(seconds) {
  return {
    ...refused(429, 'Rate limit exceeded.'),
    headers: {
      'retry-after': String(seconds),
      'x-ratelimit-limit': '100',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': `${new Date(Date.now() + seconds * 1000).toISOString().slice(0, 16)}Z`,
      'ratelimit-reason': 'jira-burst-based',
    },
  };
}

/** All there are, also those no search shows yet. */
const tickets = () =>
  [...issues.values()].map(({ key, properties, comments, fields }) => ({
    key,
    correlationId: properties.redress?.correlationId ?? null,
    labels: fields.labels ?? [],
    status: fields.status.name,
    summary: fields.summary,
    description: textOfDocument(fields.description),
    fields,
    notes: comments.map(({ body }) => textOfDocument(body)),
  }));

const welcome = (address) => `A fake Jira listens on ${address}. Connect Redress to it with

  ${JSON.stringify({ site: address, ...account, project: 'OPS' })}

and see its issues at ${address}/__tickets; ${address}/browse/OPS-1 is the first one. Ctrl-C ends it.`;

const isWrite = ({ method, path }) => method === 'POST' && !path.endsWith('/search/jql');

reset();
await serve({ answer, isWrite, comeLater, tickets, transition, reset, welcome }, 4010);
