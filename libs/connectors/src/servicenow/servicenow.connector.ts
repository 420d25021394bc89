import { plainLine, plainText, type Message, type Severity } from '@redress/domain';
import type { Connector, LookupResult, SendResult, Tested } from '../kit/connector';
import { listOf, member, textOf } from '../kit/json';
import {
  asSentence,
  foundOrNone,
  isSuccess,
  markOf,
  notSent,
  readReply,
  sentBy,
  unavailable,
  type Outbound,
  type Reply,
} from '../kit/http-result';
import { momentOf, type StatusRead, type TicketCategory } from '../kit/ticket-status';
import type { ServiceNowSecrets, ServiceNowSettings } from './settings';

/** ServiceNow works the priority out of these two: 1 is high, 3 is low. */
const ratings: Readonly<Record<Severity, Readonly<{ urgency: string; impact: string }>>> = {
  CRITICAL: { urgency: '1', impact: '1' },
  HIGH: { urgency: '1', impact: '2' },
  MEDIUM: { urgency: '2', impact: '2' },
  LOW: { urgency: '3', impact: '3' },
};

const categories: ReadonlyMap<unknown, TicketCategory> = new Map([
  ['1', 'new'],
  ['2', 'indeterminate'],
  ['3', 'indeterminate'],
  ['6', 'done'],
  ['7', 'done'],
  ['8', 'cancelled'],
]);

/** What a new instance has room for; it cuts what is longer without a word, and with it the mark or the link. */
const longest = { shortDescription: 160, description: 4000, workNote: 4000 } as const;
const mostRows = 100;
/** All notes of an incident come in one answer. */
const longestAnswer = 16 * 1024 * 1024;

const incidentNumber = /^[A-Za-z0-9_-]{1,40}$/;
const sysId = /^[0-9a-f]{32}$/i;

/** ServiceNow, by its Table API. A reference is the number people know, such as INC0010002. */
export class ServiceNowConnector implements Connector {
  private readonly instance: string;
  private readonly table: string;

  constructor(
    private readonly settings: ServiceNowSettings & ServiceNowSecrets,
    private readonly outbound: Outbound,
  ) {
    this.instance = settings.instance.replace(/\/+$/, '');
    this.table = settings.table ?? 'incident';
  }

  async createTicket(correlationId: string, message: Message, signal: AbortSignal): Promise<SendResult> {
    const reply = await this.write('POST', '', this.valuesOf(correlationId, message), signal);
    return sentBy(reply, (body) => this.ticket(member(body, 'result')));
  }

  private valuesOf(correlationId: string, message: Message): Readonly<Record<string, string>> {
    const { callerId, assignmentGroups = {} } = this.settings;
    const { queue, link, dueAt } = message;
    const group =
      queue !== undefined && Object.hasOwn(assignmentGroups, queue) ? assignmentGroups[queue] : undefined;
    return {
      correlation_id: correlationId,
      correlation_display: 'Redress',
      short_description: plainLine(message.summary, longest.shortDescription),
      description: endingWith(message.paragraphs.join('\n'), link, longest.description),
      ...ratings[message.severity],
      due_date: `${dueAt.slice(0, 10)} ${dueAt.slice(11, 19)}`,
      ...(callerId !== undefined && { caller_id: callerId }),
      ...(group !== undefined && { assignment_group: group }),
    };
  }

  async findTicket(correlationId: string, signal: AbortSignal): Promise<LookupResult> {
    const { reply, rows, because } = await this.look('correlation_id', correlationId, [], signal);
    return rows ? foundOrNone(rows.flatMap((row) => this.ticket(row) ?? [])) : unavailable(reply, because);
  }

  /** The note itself has no name there, so its reference is that of its incident. */
  async addNote(
    reference: string,
    correlationId: string,
    text: string,
    signal: AbortSignal,
  ): Promise<SendResult> {
    if (!incidentNumber.test(reference)) return { outcome: 'refused', problem: notANumber(reference) };
    const { reply, rows, because } = await this.look('number', reference, [], signal);
    if (!rows) return notSent(reply, because);
    const id = textOf(cell(rows[0], 'sys_id'));
    if (id === undefined || !sysId.test(id))
      return { outcome: 'refused', problem: `ServiceNow has no ${reference}` };
    const values = { work_notes: endingWith(text, markOf(correlationId), longest.workNote) };
    const written = await this.write('PATCH', `/${id}`, values, signal);
    return sentBy(written, (body) => this.ticket(member(body, 'result')));
  }

  async findNote(reference: string, correlationId: string, signal: AbortSignal): Promise<LookupResult> {
    if (!incidentNumber.test(reference)) return { outcome: 'unavailable', problem: notANumber(reference) };
    const { reply, rows, because } = await this.look('number', reference, ['work_notes'], signal);
    if (!rows) return unavailable(reply, because);
    if (rows.length === 0) return { outcome: 'none' };
    const notes = cell(rows[0], 'work_notes', 'display_value');
    if (typeof notes !== 'string') return unavailable(reply, 'without its work notes');
    const lines = notes.split('\n').filter((line) => line.trim() === markOf(correlationId));
    return foundOrNone(lines.flatMap(() => this.ticket(rows[0]) ?? []));
  }

  /** Reads the status of an incident. */
  async status(reference: string, signal: AbortSignal): Promise<StatusRead> {
    if (!incidentNumber.test(reference)) return { outcome: 'none', problem: notANumber(reference) };
    const fields = ['state', 'assigned_to', 'sys_updated_on'];
    const { reply, rows, because } = await this.look('number', reference, fields, signal);
    if (!rows) return unavailable(reply, because);
    const [row] = rows;
    if (row === undefined) return { outcome: 'none', problem: `ServiceNow has no ${reference}` };
    const assignee = textOf(cell(row, 'assigned_to', 'display_value'));
    const updatedAt = momentOf(cell(row, 'sys_updated_on'));
    return {
      outcome: 'read',
      status: {
        name: textOf(cell(row, 'state', 'display_value')) ?? '',
        category: categories.get(cell(row, 'state')) ?? 'undefined',
        ...(assignee !== undefined && { assignee }),
        ...(updatedAt !== undefined && { updatedAt }),
      },
    };
  }

  /** Looks for what cannot be there, which also tells whether the instance looks at all. */
  async test(signal: AbortSignal): Promise<Tested> {
    const { reply, rows, because } = await this.look('correlation_id', 'redress-test', [], signal);
    return rows
      ? { ok: true, detail: `Signed in; may read the table ${this.table}.` }
      : { ok: false, detail: asSentence(unavailable(reply, because).problem) };
  }

  /**
   * The rows with this value, oldest first; none when that is unknown. An instance passes over what it does not
   * understand of a query and answers with other rows: then even what it did not show may be there.
   */
  private async look(
    field: string,
    value: string,
    more: readonly string[],
    signal: AbortSignal,
  ): Promise<Readonly<{ reply: Reply; rows?: readonly unknown[]; because?: string }>> {
    const reply = await this.call('GET', '', signal, {
      sysparm_query: `${field}=${value}^ORDERBYsys_created_on`,
      sysparm_fields: ['sys_id', 'number', 'correlation_id', 'sys_created_on', ...more].join(),
      sysparm_display_value: 'all',
      sysparm_exclude_reference_link: 'true',
      sysparm_limit: String(mostRows),
    });
    if (saysNone(reply)) return { reply, rows: [] };
    const all = isSuccess(reply) ? listOf(member(reply.body, 'result')) : undefined;
    if (!all) return { reply };
    const rows = all.filter((row) => cell(row, field) === value);
    if (rows.length === 0 && all.length > 0) return { reply, because: 'with rows nobody asked for' };
    return { reply, rows: [...rows].sort(byAge) };
  }

  private write(
    method: 'POST' | 'PATCH',
    path: string,
    values: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Reply> {
    const query = { sysparm_fields: 'sys_id,number', sysparm_exclude_reference_link: 'true' };
    return this.call(method, path, signal, query, values);
  }

  private async call(
    method: 'GET' | 'POST' | 'PATCH',
    path: string,
    signal: AbortSignal,
    query: Readonly<Record<string, string>>,
    values?: Readonly<Record<string, string>>,
  ): Promise<Reply> {
    const { headers, secrets } = authentication(this.settings);
    const table = encodeURIComponent(this.table);
    const answer = await this.outbound.request({
      method,
      url: `${this.instance}/api/now/table/${table}${path}?${new URLSearchParams(query).toString()}`,
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

  private ticket(row: unknown): Readonly<{ reference: string; url: string }> | undefined {
    const number = cell(row, 'number');
    const id = cell(row, 'sys_id');
    if (typeof number !== 'string' || !incidentNumber.test(number)) return undefined;
    if (typeof id !== 'string' || !sysId.test(id)) return undefined;
    const page = encodeURIComponent(`${this.table}.do?sys_id=${id}`);
    return { reference: number, url: `${this.instance}/nav_to.do?uri=${page}` };
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
function cell(row: unknown, field: string, part: 'value' | 'display_value' = 'value'): unknown {
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

const complaints = (body: unknown): readonly string[] =>
  ['message', 'detail'].flatMap((name) => textOf(member(body, 'error', name)) ?? []);

/** The end stays, whatever there is room for before it. */
const endingWith = (text: string, end: string | undefined, max: number): string =>
  end === undefined ? plainText(text, max) : `${plainText(text, max - end.length - 2)}\n\n${end}`;

const notANumber = (reference: string): string =>
  `${plainLine(reference, 60)} is not the number of an incident`;
