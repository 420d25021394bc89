import { plainLine } from '@redress/domain';
import { unseen, type Tested } from '../kit/connector';
import { asSentence, isSuccess, unavailable } from '../kit/http-result';
import { listOf, member, textOf } from '../kit/json';
import { cell, totalOf, type ServiceNowClient } from './client';
import type { ServiceNowSettings } from './settings';
import { dispensable } from './values';

/**
 * Tests a connection to ServiceNow: looks for what cannot be there, which also tells whether the instance looks at all; for
 * what Redress created; and for the mandatory fields of the table.
 */
export async function testServiceNow(
  client: ServiceNowClient,
  settings: ServiceNowSettings,
  signal: AbortSignal,
): Promise<Tested> {
  const { reply, rows, because } = await client.look('correlation_id', 'redress-test', [], signal);
  if (!rows) return { ok: false, detail: asSentence(unavailable(reply, because).problem) };
  const demanded = await demandedFields(client, settings, signal);
  if (demanded?.length)
    return {
      ok: false,
      detail: `The table ${client.table} demands fields that are not sent: ${demanded.join(', ')}. Set them in fields of the connection.`,
    };
  const sentences = [
    `Signed in; may read the table ${client.table}.`,
    ...(await sight(client, signal)),
    ...(demanded
      ? []
      : [`Not proven: which fields ${client.table} needs; the account may not read sys_dictionary.`]),
  ];
  return { ok: true, detail: sentences.join(' ') };
}

/** Whether the account may read what Redress created, which the count of rows before access rules shows. */
async function sight(client: ServiceNowClient, signal: AbortSignal): Promise<readonly string[]> {
  const { reply, rows, because } = await client.look(
    'correlation_display',
    'Redress',
    ['correlation_display'],
    signal,
  );
  if (!rows) return [`${unseen} ${asSentence(unavailable(reply, because).problem)}`];
  if (rows.length) return [];
  const total = totalOf(reply);
  // An account that reads other rows is likely to read its own; the count proves absence meanwhile.
  if (total === 0) return (await readsAny(client, signal)) ? [] : [`${unseen} It has created nothing yet.`];
  return total === undefined
    ? [`${unseen} ServiceNow does not count the rows it hides.`]
    : [`${unseen} ${total} rows were created from here, and the account may not read them.`];
}

async function readsAny(client: ServiceNowClient, signal: AbortSignal): Promise<boolean> {
  const reply = await client.read(client.table, signal, { sysparm_fields: 'sys_id', sysparm_limit: '1' });
  return isSuccess(reply) && (listOf(member(reply.body, 'result'))?.length ?? 0) > 0;
}

/** The mandatory fields that are neither sent nor filled in by the instance; undefined where they cannot be read. */
async function demandedFields(
  client: ServiceNowClient,
  { omit = [], fields = {}, callerId }: ServiceNowSettings,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const tables = client.table === 'incident' ? 'incident,task' : client.table;
  const reply = await client.read('sys_dictionary', signal, {
    sysparm_query: `nameIN${tables}^mandatory=true`,
    sysparm_fields: 'name,element,mandatory,default_value',
    sysparm_limit: '200',
  });
  const rows = isSuccess(reply) ? listOf(member(reply.body, 'result')) : undefined;
  // An instance passes over what it does not understand of a query; a count above zero hides rows.
  if (!rows || (rows.length === 0 && totalOf(reply) !== 0)) return undefined;
  const always = dispensable.filter((name) => !['caller_id', 'assignment_group'].includes(name));
  const sent = [
    'correlation_id',
    'short_description',
    ...always,
    ...(callerId === undefined ? [] : ['caller_id']),
  ]
    .filter((name) => !omit.includes(name))
    .concat(Object.keys(fields));
  return rows
    .filter((row) => cell(row, 'mandatory') === 'true' && textOf(cell(row, 'default_value')) === undefined)
    .flatMap((row) => textOf(cell(row, 'element')) ?? [])
    .filter((name) => !sent.includes(name))
    .map((name) => plainLine(name, 80));
}
