// A ServiceNow to try things out with: the Table API of incidents, in memory, on this machine only.
import { randomUUID } from 'node:crypto';
import { serve } from './serve.mjs';
import { signature } from './signature.mjs';

const account = { username: 'redress', password: 'fake-servicenow-password' };
const token = 'fake-servicenow-token';
const apiKey = 'fake-servicenow-key';
/** May sign in, but not see incidents. */
const outsider = 'Basic ' + Buffer.from('outsider:outside').toString('base64');

const states = { 1: 'New', 2: 'In Progress', 3: 'On Hold', 6: 'Resolved', 7: 'Closed', 8: 'Canceled' };
const priorityOf = ({ impact, urgency }) =>
  String(Math.min(5, Math.max(1, Number(impact) + Number(urgency) - 1)));
/** The fields of an incident, with the most characters each takes; what is longer is cut without a word. */
const fields = {
  ...{ short_description: 160, description: 4000, urgency: 40, impact: 40, category: 40, state: 40 },
  ...{ correlation_id: 100, correlation_display: 100, due_date: 40, caller_id: 32, assignment_group: 32 },
  ...{ assigned_to: 32, close_code: 40, close_notes: 4000, u_cost_center: 40, u_business_service: 40 },
};
/** How people see the name of a field; a data policy speaks of nothing else. */
const labelOf = (name) => {
  const words = name.replace(/^u_|_id$/g, '').replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};
const shown = [...Object.keys(fields), 'sys_id', 'number', 'priority', 'sys_created_on', 'sys_updated_on'];

let rows;
function reset() {
  rows = [];
  // As in any instance that is in use, there are others already.
  for (const short_description of ['Email does not work', 'Printer is out of paper'])
    insert({ short_description });
}

const sysId = () => randomUUID().replaceAll('-', '');
const moment = (ms) => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
const refused = (status, message, detail = '') => ({
  status,
  body: { error: { message, detail }, status: 'failure' },
});

function insert(values) {
  const now = moment(Date.now());
  const row = {
    ...Object.fromEntries(Object.keys(fields).map((field) => [field, ''])),
    sys_id: sysId(),
    number: `INC${String(10_001 + rows.length).padStart(7, '0')}`,
    state: '1',
    urgency: '3',
    impact: '3',
    sys_created_on: now,
    sys_updated_on: now,
    notes: [],
  };
  rows.push(row);
  write(row, values);
  return row;
}

/** Takes what it knows and passes over the rest. Every value is a text; the priority is worked out. */
function write(row, values) {
  for (const [field, value] of Object.entries(values)) {
    if (Object.hasOwn(fields, field)) row[field] = String(value).slice(0, fields[field]);
    if (field === 'work_notes' && value) row.notes.push({ at: moment(Date.now()), text: String(value) });
  }
  row.priority = priorityOf(row);
  row.sys_updated_on = moment(Date.now());
}

/** The journal, newest first, each entry under a line that says when and who. */
const journal = ({ notes }) =>
  [...notes]
    .reverse()
    .map(({ at, text }) => `${at} - Redress (Work notes)\n${text}\n\n`)
    .join('');

function shownRow(row, query) {
  const names = (query.get('sysparm_fields') ?? shown.join()).split(',');
  const how = query.get('sysparm_display_value') ?? 'false';
  const cells = names
    .filter((name) => shown.includes(name) || name === 'work_notes')
    .map((name) => {
      const value = name === 'work_notes' ? '' : row[name];
      const display = name === 'work_notes' ? journal(row) : name === 'state' ? states[value] : value;
      return [name, how === 'all' ? { display_value: display, value } : how === 'true' ? display : value];
    });
  return Object.fromEntries(cells);
}

/** Reads a query as an instance does: it ignores the conditions that it does not understand. */
function matching(query) {
  const parts = (query.get('sysparm_query') ?? '').split('^');
  const conditions = parts.flatMap((part) => {
    const [, field, value] = /^([a-z_]+)=(.*)$/.exec(part) ?? [];
    return shown.includes(field) ? [(row) => row[field] === value] : [];
  });
  const order = parts.flatMap((part) => /^ORDERBY(DESC)?([a-z_]+)$/.exec(part)?.slice(1, 3) ?? []);
  const found = rows.filter((row) => conditions.every((holds) => holds(row)));
  const [descending, field] = order;
  if (shown.includes(field)) found.sort((a, b) => (a[field] < b[field] ? -1 : Number(a[field] > b[field])));
  return descending ? found.reverse() : found;
}

function answer(request, settings) {
  const { createOnly } = settings;
  const route = /^\/api\/now\/(?:(v[12])\/)?table\/([^/]+)(?:\/([^/]+))?$/.exec(request.path);
  if (!route) return refused(400, 'Requested URI does not represent any resource', request.path);
  const [, version = 'v2', table, id] = route;
  const refusal =
    signIn(request.headers) ??
    (['incident', 'sys_dictionary'].includes(table) ? undefined : refused(400, `Invalid table ${table}`));
  if (refusal) return refusal;
  const { method, query, body } = request;
  if (table === 'sys_dictionary') return dictionary(settings);
  if (method === 'GET' && !id) return list(version, query, settings);
  if (method === 'POST' && !id) {
    if (!body) return badBody();
    return policyAgainst(body, settings) ?? created(insert(body), request, createOnly);
  }
  const row = createOnly ? undefined : rows.find((each) => each.sys_id === id);
  if (!row)
    return refused(404, 'No Record found', "Record doesn't exist or ACL restricts the record retrieval");
  if (method === 'PATCH') {
    if (!body) return badBody();
    write(row, body);
  }
  return { status: 200, body: { result: shownRow(row, query) } };
}

const badBody = () => refused(400, 'Exception while reading request', 'The payload is not valid JSON');

/** What a data policy says against a new record, in the words of an instance. */
function policyAgainst(values, { lacking, demanding }) {
  const say = (what, names) => `The following fields are ${what}: ${names.map(labelOf).join(', ')}`;
  const missing = demanding.filter((name) => !values[name]);
  const fixed = lacking.filter((name) => values[name]);
  const said = [
    ...(missing.length ? [say('mandatory', missing)] : []),
    ...(fixed.length ? [say('read only', fixed)] : []),
  ];
  return said.length ? refused(403, `Data Policy Exception:\n${said.join('\n')}`) : undefined;
}

/** The columns that are mandatory, as far as the account may read that table. */
function dictionary({ createOnly, demanding }) {
  const found = [...demanding, 'short_description'].map((element) => ({
    ...{ name: 'incident', element, mandatory: 'true', default_value: '' },
  }));
  const headers = { 'x-total-count': String(found.length) };
  return { status: 200, body: { result: createOnly ? [] : found }, headers };
}

/** A row that the account may not read is listed with its address alone. */
function created(row, { query, headers, address }, createOnly) {
  const location = `${address}/api/now/table/incident/${row.sys_id}`;
  const silent = headers['x-no-response-body'] === 'true';
  const body = silent ? undefined : { result: createOnly ? {} : shownRow(row, query) };
  return { status: 201, body, headers: { location } };
}

/** Access rules take rows out of a page after they were counted. */
function list(version, query, { pageSize, createOnly, blindSearch, uncounted }) {
  const found = matching(query).filter(({ correlation_id }) => !(blindSearch && correlation_id));
  const from = Number(query.get('sysparm_offset') ?? 0);
  const most = Math.min(Number(query.get('sysparm_limit') ?? 10_000), pageSize);
  const page = createOnly ? [] : found.slice(from, from + most).map((row) => shownRow(row, query));
  if (version === 'v1' && page.length === 0)
    return refused(404, 'No Record found', 'Records matching query not found');
  const headers = uncounted ? {} : { 'x-total-count': String(found.length) };
  return { status: 200, body: { result: page }, headers };
}

function signIn({ authorization, 'x-sn-apikey': key }) {
  const basic = Buffer.from(`${account.username}:${account.password}`).toString('base64');
  if (authorization === outsider)
    return refused(403, 'Operation Failed', 'ACL Exception Update Failed due to security constraints');
  const known = [`Basic ${basic}`, `Bearer ${token}`].includes(authorization) || key === apiKey;
  return known ? undefined : refused(401, 'User Not Authenticated', 'Required to provide Auth information');
}

/**
 * The next state of an incident, and what a business rule sends about it: there is no webhook of ServiceNow's own, so
 * this is the body and the signature that the customer's script makes.
 */
function transition({ key = '', status = '', assignee, closeCode }, _address, secret) {
  const row = rows.find(({ number }) => number === key);
  const state = Object.keys(states).find((code) => code === status || states[code] === status);
  if (!row || !state) return undefined;
  write(row, {
    state,
    ...(assignee && { assigned_to: assignee }),
    ...(closeCode && { close_code: closeCode }),
  });
  const { number, sys_id, correlation_id, assigned_to, close_code, close_notes, sys_updated_on } = row;
  const facts = {
    number,
    sys_id,
    correlation_id,
    state,
    assigned_to,
    close_code,
    close_notes,
    sys_updated_on,
  };
  const body = JSON.stringify({ id: sysId(), type: 'incident.updated', ...facts });
  const time = String(Math.floor(Date.now() / 1000));
  const headers = {
    'content-type': 'application/json',
    'x-redress-timestamp': time,
    ...signature('x-redress-signature', `${time}.${body}`, secret),
  };
  return { headers, body };
}

const comeLater = (seconds) => ({
  ...refused(429, 'Rate limit exceeded'),
  headers: { 'retry-after': String(seconds), 'x-ratelimit-limit': '100', 'x-ratelimit-rule': 'redress' },
});

/** All there are, but those that were there before. */
const tickets = () =>
  rows
    .filter(({ correlation_id }) => correlation_id)
    .map((row) => ({
      key: row.number,
      correlationId: row.correlation_id,
      status: states[row.state],
      summary: row.short_description,
      description: row.description,
      fields: Object.fromEntries(Object.entries(row).filter(([name]) => name !== 'notes')),
      notes: row.notes.map(({ text }) => text),
    }));

const welcome = (address) => `A fake ServiceNow listens on ${address}. Connect Redress to it with

  ${JSON.stringify({ instance: address, ...account })}

and see its incidents at ${address}/__tickets. Ctrl-C ends it.`;

const isWrite = ({ method }) => method !== 'GET';

reset();
await serve({ answer, isWrite, comeLater, tickets, transition, reset, welcome }, 4020);
