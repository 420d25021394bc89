import { plainLine, type Message } from '@redress/domain';
import type { Connector, LookupResult, SendResult, Tested } from '../kit/connector';
import { member, textOf } from '../kit/json';
import {
  asSentence,
  foundOrNone,
  isSuccess,
  markOf,
  notSent,
  sentBy,
  unavailable,
  type Outbound,
  type Reply,
} from '../kit/http-result';
import { momentOf, type StatusRead, type TicketCategory } from '../kit/ticket-status';
import { cell, complaints, isIncidentNumber, isSysId, ServiceNowClient } from './client';
import { testServiceNow } from './connection-test';
import type { ServiceNowSecrets, ServiceNowSettings } from './settings';
import { endingWith, longest, namedIn, valuesOf, valuesToDrop, without } from './values';

const categories: ReadonlyMap<unknown, TicketCategory> = new Map([
  ['1', 'new'],
  ['2', 'indeterminate'],
  ['3', 'indeterminate'],
  ['6', 'done'],
  ['7', 'done'],
  ['8', 'cancelled'],
]);

/** ServiceNow, by its Table API. A reference is the number people know, such as INC0010002. */
export class ServiceNowConnector implements Connector {
  private readonly client: ServiceNowClient;

  constructor(
    private readonly settings: ServiceNowSettings & ServiceNowSecrets,
    outbound: Outbound,
  ) {
    this.client = new ServiceNowClient(settings, outbound);
  }

  /** A record that a data policy refused is not created, so the fields it does not let be set are left out of a repeat. */
  async createTicket(correlationId: string, message: Message, signal: AbortSignal): Promise<SendResult> {
    const dropped: string[] = [];
    for (let values = valuesOf(this.settings, correlationId, message); ;) {
      const reply = await this.client.write('POST', '', values, signal);
      const named = namedIn(refusedWith(reply));
      const drop = named.mandatory.length ? [] : valuesToDrop(named.readOnly, values, this.settings);
      if (drop.length === 0) {
        const sent = sentBy(reply, (body) => this.client.ticket(member(body, 'result')));
        if (sent.outcome === 'received') return this.created(reply, sent, signal);
        return withAdvice(sent, dropped, named.mandatory);
      }
      dropped.push(...drop);
      values = without(values, drop);
    }
  }

  /** A success that does not say as what has its address in the header: it is read, where the account may read it. */
  private async created(reply: Reply, sent: SendResult, signal: AbortSignal): Promise<SendResult> {
    const location = reply.kind === 'answer' ? reply.headers['location'] : undefined;
    const id = /\/([0-9a-f]{32})(?:\?.*)?$/i.exec(location ?? '')?.[1];
    if (id === undefined || sent.outcome !== 'received') return sent;
    const read = await this.client.row(id, signal);
    const ticket = isSuccess(read) ? this.client.ticket(member(read.body, 'result')) : undefined;
    if (ticket?.id === id.toLowerCase()) return { outcome: 'created', ...ticket };
    const hint = `It is the record ${id}, which this account may not read: give it that right.`;
    return read.kind === 'answer' && read.status < 500
      ? { ...sent, problem: `${asSentence(sent.problem)} ${hint}` }
      : sent;
  }

  /**
   * The count of rows is taken before access rules take any out: with it an empty list is conclusive, and one that hides
   * rows is none.
   */
  async findTicket(correlationId: string, signal: AbortSignal): Promise<LookupResult> {
    const { reply, rows, total, because } = await this.client.look(
      'correlation_id',
      correlationId,
      [],
      signal,
    );
    if (!rows) return unavailable(reply, because);
    const tickets = rows.flatMap((row) => this.client.ticket(row) ?? []);
    return foundOrNone(tickets, total === 0 || hidden(total));
  }

  /** The note itself has no name there, so its reference is that of its incident. */
  async addNote(
    reference: string,
    correlationId: string,
    text: string,
    signal: AbortSignal,
  ): Promise<SendResult> {
    if (!isIncidentNumber(reference)) return { outcome: 'refused', problem: notANumber(reference) };
    const { reply, rows, because } = await this.client.look('number', reference, [], signal);
    if (!rows) return notSent(reply, because);
    const id = cell(rows[0], 'sys_id');
    if (!isSysId(id)) return { outcome: 'refused', problem: `ServiceNow has no ${reference}` };
    const values = { work_notes: endingWith(text, markOf(correlationId), longest.workNote) };
    const written = await this.client.write('PATCH', `/${id}`, values, signal);
    return sentBy(written, (body) => this.client.ticket(member(body, 'result')));
  }

  async findNote(reference: string, correlationId: string, signal: AbortSignal): Promise<LookupResult> {
    if (!isIncidentNumber(reference)) return { outcome: 'unavailable', problem: notANumber(reference) };
    const { reply, rows, because } = await this.client.look('number', reference, ['work_notes'], signal);
    if (!rows) return unavailable(reply, because);
    if (rows.length === 0) return foundOrNone([], `ServiceNow shows no ${reference}, so it cannot tell.`);
    const notes = cell(rows[0], 'work_notes', 'display_value');
    if (typeof notes !== 'string') return unavailable(reply, 'without its work notes');
    const lines = notes.split('\n').filter((line) => line.trim() === markOf(correlationId));
    // A journal that the account may not read is shown as an empty one.
    const proof =
      notes.trim() !== '' || `ServiceNow shows no work notes of ${reference} at all, so it cannot tell.`;
    return foundOrNone(
      lines.flatMap(() => this.client.ticket(rows[0]) ?? []),
      proof,
    );
  }

  /** Reads the status of an incident. */
  async status(reference: string, signal: AbortSignal): Promise<StatusRead> {
    if (!isIncidentNumber(reference)) return { outcome: 'none', problem: notANumber(reference) };
    const fields = ['state', 'assigned_to', 'sys_updated_on'];
    const { reply, rows, because } = await this.client.look('number', reference, fields, signal);
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

  test(signal: AbortSignal): Promise<Tested> {
    return testServiceNow(this.client, this.settings, signal);
  }
}

/** What an instance says against a record that it did not create. */
const refusedWith = (reply: Reply): readonly string[] =>
  reply.kind === 'answer' && [400, 403].includes(reply.status) ? complaints(reply.body) : [];

/** Why an empty list does not tell that nothing is there. */
const hidden = (total: number | undefined): string =>
  total === undefined
    ? 'ServiceNow does not count the rows it hides, so it cannot tell.'
    : `ServiceNow has ${total} rows with this correlation_id, which the account may not read: give it that right.`;

/** Says with an incident which fields were left out, and with a refusal which setting brings the fields that are missing. */
function withAdvice(sent: SendResult, dropped: readonly string[], missing: readonly string[]): SendResult {
  if (sent.outcome === 'created' && dropped.length)
    return { ...sent, problem: `ServiceNow did not take ${dropped.join(', ')}: left out.` };
  if (sent.outcome === 'refused' && missing.length)
    return { ...sent, problem: `${asSentence(sent.problem)} Set them in fields of the connection.` };
  return sent;
}

const notANumber = (reference: string): string =>
  `${plainLine(reference, 60)} is not the number of an incident`;
