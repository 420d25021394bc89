import { member, listOf, textOf } from '../kit/json';
import type { ExternalTicket } from '../kit/connector';
import { isSuccess, readReply, type Outbound, type Reply } from '../kit/http-result';
import type { ServiceNowSecrets, ServiceNowSettings } from './settings';

const mostRows = 100;
/** All notes of an incident come in one answer. */
const longestAnswer = 16 * 1024 * 1024;

const incidentNumber = /^[A-Za-z0-9_-]{1,40}$/;
const sysId = /^[0-9a-f]{32}$/i;

export const isIncidentNumber = (text: unknown): text is string =>
  typeof text === 'string' && incidentNumber.test(text);
export const isSysId = (text: unknown): text is string => typeof text === 'string' && sysId.test(text);

/**
 * What a look-up showed: the rows with the value, oldest first. `total` counts all of them, also those that the account may
 * not read; undefined where the instance does not say. `because`: why it showed nothing that can be relied on.
 */
export type Looked = Readonly<{
  reply: Reply;
  rows?: readonly unknown[];
  total?: number;
  because?: string;
}>;

/** Requests to one table of one instance, signed in, and the references of what its answers name. */
export class ServiceNowClient {
  readonly table: string;
  private readonly instance: string;

  constructor(
    private readonly settings: ServiceNowSettings & ServiceNowSecrets,
    private readonly outbound: Outbound,
  ) {
    this.instance = settings.instance.replace(/\/+$/, '');
    this.table = settings.table ?? 'incident';
  }

  /**
   * The rows with this value, oldest first; none when that is unknown. An instance passes over what it does not
   * understand of a query and answers with other rows: then even what it did not show may be there.
   */
  async look(field: string, value: string, more: readonly string[], signal: AbortSignal): Promise<Looked> {
    const reply = await this.read(this.table, signal, {
      sysparm_query: `${field}=${value}^ORDERBYsys_created_on`,
      sysparm_fields: ['sys_id', 'number', 'correlation_id', 'sys_created_on', ...more].join(),
      sysparm_display_value: 'all',
      sysparm_limit: String(mostRows),
    });
    const total = totalOf(reply);
    const counted = total === undefined ? {} : { total };
    if (saysNone(reply)) return { reply, rows: [], ...counted };
    const all = isSuccess(reply) ? listOf(member(reply.body, 'result')) : undefined;
    if (!all) return { reply };
    const rows = all.filter((row) => cell(row, field) === value);
    if (rows.length === 0 && all.length > 0) return { reply, because: 'with rows nobody asked for' };
    return { reply, rows: [...rows].sort(byAge), ...counted };
  }

  /** The one row with this sys_id. */
  async row(id: string, signal: AbortSignal): Promise<Reply> {
    const query = { sysparm_fields: 'sys_id,number', sysparm_exclude_reference_link: 'true' };
    return this.call('GET', this.table, `/${id}`, signal, query);
  }

  /** Rows of any table. */
  read(table: string, signal: AbortSignal, query: Readonly<Record<string, string>>): Promise<Reply> {
    return this.call('GET', table, '', signal, { ...query, sysparm_exclude_reference_link: 'true' });
  }

  write(
    method: 'POST' | 'PATCH',
    path: string,
    values: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Reply> {
    const query = { sysparm_fields: 'sys_id,number', sysparm_exclude_reference_link: 'true' };
    return this.call(method, this.table, path, signal, query, values);
  }

  private async call(
    method: 'GET' | 'POST' | 'PATCH',
    table: string,
    path: string,
    signal: AbortSignal,
    query: Readonly<Record<string, string>>,
    values?: Readonly<Record<string, string>>,
  ): Promise<Reply> {
    const { headers, secrets } = authentication(this.settings);
    const answer = await this.outbound.request({
      method,
      url: `${this.instance}/api/now/table/${encodeURIComponent(table)}${path}?${new URLSearchParams(query).toString()}`,
      headers: {
        ...headers,
        accept: 'application/json',
        ...(values && { 'content-type': 'application/json' }),
      },
      ...(values && { body: JSON.stringify(values) }),
      signal,
      maxAnswerBytes: longestAnswer,
    });
    return readReply('ServiceNow', answer, complaints, secrets);
  }

  ticket(row: unknown): ExternalTicket | undefined {
    const number = cell(row, 'number');
    const id = cell(row, 'sys_id');
    if (!isIncidentNumber(number) || !isSysId(id)) return undefined;
    const page = encodeURIComponent(`${this.table}.do?sys_id=${id}`);
    return { reference: number, url: `${this.instance}/nav_to.do?uri=${page}`, id: id.toLowerCase() };
  }
}

type Authentication = Readonly<{ headers: Readonly<Record<string, string>>; secrets: readonly string[] }>;

function authentication(options: ServiceNowSettings & ServiceNowSecrets): Authentication {
  const { username = '', password = '', token, apiKey } = options;
  if (apiKey !== undefined) return { headers: { 'x-sn-apikey': apiKey }, secrets: [apiKey] };
  if (token !== undefined) return { headers: { authorization: `Bearer ${token}` }, secrets: [token] };
  const basic = Buffer.from(`${username}:${password}`).toString('base64');
  return { headers: { authorization: `Basic ${basic}` }, secrets: [basic, password] };
}

/** A value alone, or one of a value and how it is shown. */
export function cell(row: unknown, field: string, part: 'value' | 'display_value' = 'value'): unknown {
  const found = member(row, field);
  return typeof found === 'string' && part === 'value' ? found : member(found, part);
}

function byAge(a: unknown, b: unknown): number {
  const [first, second] = [a, b].map((row) => textOf(cell(row, 'sys_created_on')) ?? '') as [string, string];
  return first < second ? -1 : Number(first > second);
}

/** The first version of the API has no empty lists. Any other 404 says nothing of what there is. */
const saysNone = (reply: Reply): boolean =>
  reply.kind === 'answer' &&
  reply.status === 404 &&
  /no record found/i.test(textOf(member(reply.body, 'error', 'message')) ?? '');

export const complaints = (body: unknown): readonly string[] =>
  ['message', 'detail'].flatMap((name) => textOf(member(body, 'error', name)) ?? []);

/** The rows before access rules took any out. */
export function totalOf(reply: Reply): number | undefined {
  const text = reply.kind === 'answer' ? reply.headers['x-total-count'] : undefined;
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
