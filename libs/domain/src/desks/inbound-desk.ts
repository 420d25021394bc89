import type { Context } from '../change';
import type { ConnectionTarget } from '../connection/connection';
import type { Policy } from '../exception/policy';
import { decideInbound } from '../inbound/decide-inbound';
import { followTicket } from '../inbound/follow-ticket';
import type { InboundDecision } from '../inbound/inbound-decision';
import type { InboundMessage, InboundOutcome, ParsedMessage } from '../inbound/message';
import type { ConnectorCatalog, InboundConnections, InboundDelivery } from '../ports/connectors';
import type { InboundMatch, InboundPorts, InboundTransaction } from '../ports/inbound-store';
import { ok, type Result } from '../result';
import { plainLine } from '../value/plain';
import { timestamp } from '../value/timestamp';
import { loadDispatch, saveDispatch } from './targets';

/** Bytes of a body that are stored: more than the events of most tickets. */
const maxStoredBytes = 64 * 1024;
const maxReasonLength = 500;

/** What became of a delivery. */
export type Received = InboundOutcome | 'duplicate';

/** Takes the messages of external systems. The connection that a message names decides for which tenant. */
export class InboundDesk {
  constructor(
    private readonly ports: InboundPorts,
    private readonly connections: InboundConnections,
    private readonly connectors: Pick<ConnectorCatalog, 'inboundOf'>,
    private readonly policy: Policy,
  ) {}

  /**
   * Undefined when there is no such connection, or the delivery is not signed with its secret. A delivery that is a function
   * is asked for once the connection is found, so that a message to no connection need not be read.
   */
  async receive(
    target: ConnectionTarget,
    connectionId: string,
    given: InboundDelivery | (() => Promise<InboundDelivery>),
  ): Promise<Received | undefined> {
    const found = await this.connections.byId(connectionId);
    if (found?.connection.target !== target) return undefined;
    const delivery = typeof given === 'function' ? await given() : given;
    const connector = this.connectors.inboundOf(target);
    const { inboundSecrets, settings } = found.connection;
    const verified = connector.verifySignature(inboundSecrets, delivery, this.ports.clock());
    if (!verified) return undefined;
    const parsed = connector.parse(delivery.body, settings);
    const source = { target, connectionId, ...verified };
    return this.apply(found.tenant, source, parsed, delivery);
  }

  /** The message and its effect are committed together, so that neither a crash nor a repetition comes between them. */
  private async apply(
    tenant: string,
    source: Source,
    parsed: ParsedMessage,
    delivery: InboundDelivery,
  ): Promise<Received> {
    const { target, connectionId } = source;
    const digest = delivery.digest();
    const messageId = source.id ?? parsed.id ?? `sha256:${digest}`;
    const { reference, ticketId, movedFrom, marks, exceptionId } = parsed;
    const query = {
      ...{ target, connectionId, messageId, digest, reference, ticketId, movedFrom, marks, exceptionId },
    };
    let received: Received | 'followed' = 'duplicate';
    const work = async (tx: InboundTransaction): Promise<Result<undefined>> => {
      const match = await tx.messages.find(query);
      received = 'duplicate';
      if (match.seen) return ok(undefined);
      const { dispatchId, newest } = match;
      const loaded = dispatchId === undefined ? undefined : await loadDispatch(tx, dispatchId);
      const ctx = this.context(target);
      const followed = followTicket(parsed, { loaded, newest }, ctx);
      if (followed) {
        await tx.dispatches.save(followed);
        received = 'followed';
        return ok(undefined);
      }
      const decision = decideInbound(parsed, { loaded, newest }, ctx, this.policy);
      if (decision.change) await tx.exceptions.save(decision.change);
      if (decision.posting) await saveDispatch(tx, decision.posting);
      await tx.messages.keep({
        id: ctx.newId(),
        ...{ connectionId, target, messageId, digest },
        receivedAt: ctx.now,
        ...storedFields(parsed, decision, match, loaded?.exception.id),
        body: delivery.text(maxStoredBytes),
      });
      received = decision.outcome;
      return ok(undefined);
    };
    // A ticket that moved is followed in a commit of its own; what else the message says is decided by the new reference.
    do await this.ports.uow.run({ tenant }, work);
    while ((received as Received | 'followed') === 'followed');
    return received;
  }

  private context(target: ConnectionTarget): Context {
    return {
      actor: `external:${target}`,
      now: timestamp(this.ports.clock()),
      newId: this.ports.newId,
    };
  }
}

type Source = Readonly<{ target: ConnectionTarget; connectionId: string; id?: string }>;

const storedFields = (
  { kind, reference, at }: ParsedMessage,
  { outcome, reason }: InboundDecision,
  { dispatchId }: InboundMatch,
  exceptionId: string | undefined,
): Pick<InboundMessage, 'kind' | 'outcome'> & Partial<InboundMessage> => ({
  kind,
  outcome,
  ...(reference !== undefined && { externalReference: reference }),
  ...(at !== undefined && { changedAt: at }),
  ...(reason !== undefined && { reason: plainLine(reason, maxReasonLength) }),
  ...(exceptionId !== undefined && { exceptionId }),
  ...(dispatchId !== undefined && { dispatchId }),
});
