import { createHash } from 'node:crypto';
import { ok, plainLine, timestamp, type Context, type Policy } from '@redress/domain';
import type { ConnectionTarget } from '../connections/open-connection';
import type { ConnectionBook } from '../connections/connection-resolver';
import { authentic, type Delivery } from '../connectors/kit/verify-signature';
import type { Heard, InboundMessage, InboundOutcome } from './inbound-message';
import type { Finding, InboundPorts } from './inbound-store';
import { readJira } from '../connectors/jira/inbound';
import { readLedger } from '../connectors/ledger/inbound';
import { judge } from './judge';
import { readServiceNow } from '../connectors/servicenow/inbound';
import type { Verdict } from './verdict';
import { readWebhook } from '../connectors/webhook/inbound';

const readers: Readonly<Record<ConnectionTarget, (body: Buffer) => Heard>> = {
  JIRA: readJira,
  SERVICENOW: readServiceNow,
  WEBHOOK: readWebhook,
  LEDGER: readLedger,
};

/** More than the events of most tickets; what is beyond it is cut off. */
const longestBody = 64 * 1024;
const longestReason = 500;

export type Received = InboundOutcome | 'duplicate';

/** What external systems tell by themselves. The connection they name, and its secret, decide for which tenant. */
export class InboundDesk {
  constructor(
    private readonly ports: InboundPorts,
    private readonly book: Pick<ConnectionBook, 'byId'>,
    private readonly policy: Policy,
  ) {}

  /** What became of it; undefined when there is no such connection, or the delivery is not of its other side. */
  async receive(
    target: ConnectionTarget,
    connectionId: string,
    delivery: Delivery,
  ): Promise<Received | undefined> {
    const found = await this.book.byId(connectionId);
    if (found?.connection.target !== target) return undefined;
    const { inboundSecrets } = found.connection;
    const proof = authentic(target, inboundSecrets, delivery, this.ports.clock());
    if (!proof) return undefined;
    const heard = readers[target](delivery.body);
    return this.take(found.tenant, { target, connectionId, ...proof }, heard, delivery.body);
  }

  /** The message and what it does are one commit, so that neither a crash nor a repetition comes between them. */
  private async take(tenant: string, from: From, heard: Heard, body: Buffer): Promise<Received> {
    const { target, connectionId } = from;
    const digest = createHash('sha256').update(body).digest();
    const messageId = from.id ?? heard.id ?? `sha256:${digest.toString('hex')}`;
    const { reference, marks, exceptionId } = heard;
    const taken = await this.ports.uow.run({ tenant }, async (tx) => {
      const finding = await tx.messages.find({
        ...{ target, connectionId, messageId, digest, reference, marks, exceptionId },
      });
      if (finding.seen) return ok('duplicate' as const);
      const { dispatchId, newest } = finding;
      const loaded = dispatchId === undefined ? undefined : await tx.dispatches.load(dispatchId);
      const ctx = this.context(target);
      const verdict = judge(heard, { loaded, newest }, ctx, this.policy);
      if (verdict.change) await tx.exceptions.save(verdict.change);
      if (verdict.posting) await tx.dispatches.save(verdict.posting);
      await tx.messages.keep({
        id: ctx.newId(),
        ...{ connectionId, target, messageId, digest },
        receivedAt: ctx.now,
        ...told(heard, verdict, finding, loaded?.exception.id),
        body: textOf(body),
      });
      return ok(verdict.outcome);
    });
    if (!taken.ok) throw new Error('What is received is kept, whatever becomes of it.');
    return taken.value;
  }

  private context(target: ConnectionTarget): Context {
    return {
      actor: `external:${target}`,
      now: timestamp(this.ports.clock()),
      newId: this.ports.newId,
    };
  }
}

type From = Readonly<{ target: ConnectionTarget; connectionId: string; id?: string }>;

const told = (
  { kind, reference, at }: Heard,
  { outcome, reason }: Verdict,
  { dispatchId }: Finding,
  exceptionId: string | undefined,
): Pick<InboundMessage, 'kind' | 'outcome'> & Partial<InboundMessage> => ({
  kind,
  outcome,
  ...(reference !== undefined && { externalReference: reference }),
  ...(at !== undefined && { changedAt: at }),
  ...(reason !== undefined && { reason: plainLine(reason, longestReason) }),
  ...(exceptionId !== undefined && { exceptionId }),
  ...(dispatchId !== undefined && { dispatchId }),
});

/** PostgreSQL has no text with U+0000 in it. */
const textOf = (body: Buffer): string =>
  body.subarray(0, longestBody).toString('utf8').replaceAll('\u0000', '\ufffd');
