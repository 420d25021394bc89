import { plainLine, severities } from '@redress/domain';
import { unseen, type Tested } from '../kit/connector';
import { asSentence, isSuccess } from '../kit/http-result';
import { listOf, member, textOf } from '../kit/json';
import type { JiraClient } from './client';
import { defaultPriorities, dispensable } from './fields';
import { ownIssues, proofIn } from './search';
import type { JiraSettings } from './settings';

/** A project that the connection creates issues in, and whether some of them get a component. */
type Place = Readonly<{ project: string; hasComponents: boolean }>;

/** A finding: `ends` where the connection cannot work. */
type Finding = Readonly<{ says: string; ends?: true }>;

const rights = ['BROWSE_PROJECTS', 'CREATE_ISSUES', 'ADD_COMMENTS'] as const;

/**
 * Tests a connection to Jira: signs in, reads each project with its issue type, the account's rights and the create screen,
 * and searches for what the account created.
 */
export async function testJira(
  jira: JiraClient,
  settings: JiraSettings,
  signal: AbortSignal,
): Promise<Tested> {
  const me = await jira.call('GET', '/myself', signal);
  const name = isSuccess(me) ? textOf(member(me.body, 'displayName')) : undefined;
  if (name === undefined) return { ok: false, detail: asSentence(me.problem) };
  const places = placesOf(settings);
  const findings: Finding[] = [];
  for (const place of places) {
    const found = [
      ...(await typeFindings(jira, place, settings, signal)),
      ...(await rightFindings(jira, place, signal)),
      ...(await screenFindings(jira, place, settings, signal)),
      ...(await sightFindings(jira, place, signal)),
    ];
    findings.push(...found);
    const end = found.find(({ ends }) => ends);
    if (end) return { ok: false, detail: end.says };
  }
  const projects = places.map(({ project }) => project).join(', ');
  const greeting = `Signed in as ${plainLine(name, 100)}; may see ${projects}.`;
  return { ok: true, detail: [greeting, ...findings.map(({ says }) => says)].join(' ') };
}

function placesOf({ project, queues = {} }: JiraSettings): readonly Place[] {
  const all = [
    { project, hasComponents: false },
    ...Object.values(queues).map((place) => ({
      project: place.project ?? project,
      hasComponents: place.component !== undefined,
    })),
  ];
  return [...new Set(all.map((place) => place.project))].map((key) => ({
    project: key,
    hasComponents: all.some((place) => place.project === key && place.hasComponents),
  }));
}

async function typeFindings(
  jira: JiraClient,
  { project }: Place,
  { issueType = 'Task' }: JiraSettings,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const reply = await jira.call('GET', `/project/${encodeURIComponent(project)}`, signal);
  if (!isSuccess(reply))
    return [{ says: asSentence(`For the project ${project}, ${reply.problem}`), ends: true }];
  const types = (listOf(member(reply.body, 'issueTypes')) ?? []).map((type) => member(type, 'name'));
  return types.includes(issueType)
    ? []
    : [{ says: `The project ${project} has no issues of type ${issueType}.`, ends: true }];
}

async function rightFindings(
  jira: JiraClient,
  { project }: Place,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const query = `projectKey=${encodeURIComponent(project)}&permissions=${rights.join()}`;
  const reply = await jira.call('GET', `/mypermissions?${query}`, signal);
  const has = (right: string): unknown =>
    isSuccess(reply) ? member(reply.body, 'permissions', right, 'havePermission') : undefined;
  if (has('CREATE_ISSUES') === false)
    return [{ says: `The account may not create issues in ${project}.`, ends: true }];
  const missing = rights.filter((right) => has(right) === false);
  if (missing.length) return [{ says: `In ${project} the account lacks ${missing.join(', ')}.` }];
  return rights.every((right) => has(right) === true)
    ? []
    : [{ says: `Not proven: what the account may do in ${project}. ${asSentence(reply.problem)}` }];
}

/** Whether the search shows what the account created. */
async function sightFindings(
  jira: JiraClient,
  { project }: Place,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const own = await ownIssues(jira, project, signal, Infinity);
  const proof =
    'outcome' in own ? asSentence(own.problem) : proofIn(jira, { ...own, isWhole: true }, project);
  return proof === true ? [] : [{ says: `${unseen} ${proof}` }];
}

/** What the create screen of the project lacks or demands, by the create metadata. */
async function screenFindings(
  jira: JiraClient,
  { project, hasComponents }: Place,
  { issueType = 'Task', priorities, omit = [], fields: constant = {} }: JiraSettings,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const base = `/issue/createmeta/${encodeURIComponent(project)}/issuetypes`;
  const types = await listed(jira, base, 'issueTypes', signal);
  const type = types?.find((one) => member(one, 'name') === issueType);
  const id = textOf(member(type, 'id'));
  const screen =
    id === undefined ? undefined : await listed(jira, `${base}/${encodeURIComponent(id)}`, 'fields', signal);
  if (!screen) return [{ says: `Not proven: which fields an issue of ${project} takes and needs.` }];

  const nameOf = (field: unknown) => textOf(member(field, 'fieldId')) ?? textOf(member(field, 'key')) ?? '';
  const on = new Map(screen.map((field) => [nameOf(field), field]));
  const ours = dispensable.filter((one) => !omit.includes(one) && (one !== 'components' || hasComponents));
  const sent = ['project', 'issuetype', 'summary', ...ours, ...Object.keys(constant)];
  const demanded = screen.filter(
    (field) =>
      member(field, 'required') === true &&
      member(field, 'hasDefaultValue') !== true &&
      !sent.includes(nameOf(field)),
  );
  if (demanded.length) {
    const list = demanded.map((field) =>
      plainLine(`${nameOf(field)} (${textOf(member(field, 'name')) ?? ''})`, 80),
    );
    const says = `The project ${project} demands fields that are not sent: ${list.join(', ')}. Set them in fields of the connection.`;
    return [{ says, ends: true }];
  }
  const unknown = Object.keys(constant).filter((one) => !on.has(one));
  if (unknown.length)
    return [
      { says: `The project ${project} does not take ${unknown.join(', ')}, which fields sets.`, ends: true },
    ];
  const lacking = ours.filter((one) => !on.has(one));
  const allowed = listOf(member(on.get('priority'), 'allowedValues'))?.map((one) => member(one, 'name'));
  const strange = severities
    .map((severity) => priorities?.[severity] ?? defaultPriorities[severity])
    .filter((one) => allowed && !allowed.includes(one) && !omit.includes('priority'));
  return [
    ...(lacking.length
      ? [{ says: `${project} does not take ${lacking.join(', ')}: left out of its issues.` }]
      : []),
    ...(strange.length
      ? [{ says: `${project} has no priority ${strange.join(', ')}: set priorities.` }]
      : []),
  ];
}

const mostPages = 10;

/** Every item of a paged list; undefined where it cannot be read. Jira Cloud and Data Center name the list differently. */
async function listed(
  jira: JiraClient,
  path: string,
  name: string,
  signal: AbortSignal,
): Promise<readonly unknown[] | undefined> {
  const items: unknown[] = [];
  for (let page = 0; page < mostPages; page++) {
    const reply = await jira.call('GET', `${path}?startAt=${items.length}&maxResults=200`, signal);
    const some = isSuccess(reply)
      ? (listOf(member(reply.body, name)) ?? listOf(member(reply.body, 'values')))
      : undefined;
    if (!isSuccess(reply) || !some) return undefined;
    items.push(...some);
    const total = Number(member(reply.body, 'total') ?? 0);
    if (some.length === 0 || items.length >= total) return items;
  }
  return items;
}
