import { ExceptionDesk, type Callback } from '@redress/domain';
import type { Json, TestApp } from './app';
import type { Delivery } from './inbound';
import type { Owner } from './owner';

/**
 * Takes whatever it is sent at its word, as one might write it in an hour: it asks for no signature, knows no message
 * again, puts none in order, and understands what it can. To show that tests notice.
 */
export async function takeNaively(service: TestApp, owner: Owner, { body }: Delivery): Promise<void> {
  await bookNaively(owner, body);
  const update = understood(body);
  if (!update?.status) return;
  const [dispatch] = await owner.rows<{
    tenant_id: string;
    exception_id: string;
    external_reference: string;
  }>(
    `SELECT tenant_id, exception_id, external_reference FROM dispatch
     WHERE external_reference = $1 OR exception_id::text = $2 ORDER BY external_reference = $1 DESC LIMIT 1`,
    [update.reference, update.exceptionId ?? ''],
  );
  if (!dispatch) return;
  const callback: Callback = {
    externalSystem: update.system,
    externalIssueId: update.reference ?? dispatch.external_reference,
    status: update.status,
    ...(update.assignee && { assignee: update.assignee }),
  };
  const meta = { tenant: dispatch.tenant_id, actor: 'naive' };
  await service.app.get(ExceptionDesk).receive(dispatch.exception_id, callback, meta);
}

type Understood = Readonly<{
  system: string;
  reference: string | undefined;
  exceptionId?: string;
  status: Callback['status'] | undefined;
  assignee?: string;
}>;

async function bookNaively(owner: Owner, body: string | Buffer): Promise<void> {
  const { type, data } = read(body) ?? {};
  const states = new Map([
    ['ledger.posted', 'CONFIRMED'],
    ['ledger.refused', 'FAILED'],
  ]);
  const state = states.get(plain(type));
  if (!state || !data?.id) return;
  await owner.rows(`UPDATE dispatch SET state = $2, version = version + 1 WHERE id::text = $1`, [
    String(data.id),
    state,
  ]);
}

function read(body: string | Buffer): Json {
  try {
    return JSON.parse(body.toString('utf8').replace('\ufeff', ''));
  } catch {
    return undefined;
  }
}

function understood(body: string | Buffer): Understood | undefined {
  const event = read(body);
  if (event?.issue?.fields) {
    const { status, assignee } = event.issue.fields;
    const statuses: Json = { done: 'RESOLVED', indeterminate: assignee && 'ASSIGNED' };
    return {
      system: 'JIRA',
      reference: event.issue.key,
      status: statuses[plain(status?.statusCategory?.key)],
      assignee: assignee?.displayName,
    };
  }
  if (event?.number) {
    const statuses: Json = { 2: event.assigned_to && 'ASSIGNED', 6: 'RESOLVED', 7: 'RESOLVED', 8: 'OPEN' };
    const status = statuses[Number(plain(event.state))];
    return { system: 'SERVICENOW', reference: event.number, status, assignee: event.assigned_to };
  }
  if (!event?.data) return undefined;
  const { externalIssueId, exceptionId, status, assignee } = event.data;
  return {
    system: 'WEBHOOK',
    reference: externalIssueId,
    exceptionId,
    status: plain(status).toUpperCase() as Callback['status'],
    assignee,
  };
}

/** Well meant: whatever looks the same is taken for the same. */
const plain = (text: unknown): string =>
  String(text)
    .normalize('NFKC')
    .replace(/[\s\u200b]/g, '')
    .toLowerCase();
