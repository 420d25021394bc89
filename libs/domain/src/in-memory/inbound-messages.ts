import type { Dispatch } from '../dispatch/dispatch';
import type { InboundMessage } from '../inbound/message';
import type { InboundQuery, InboundStore, InboundTransaction } from '../ports/inbound-store';
import type { Session, UnitOfWork } from '../ports/stores';
import type { Result } from '../result';
import { TenantTables } from './tenant-tables';

/** What is read of the in-memory unit of work of the desk: the committed dispatches of a tenant. */
type DispatchReads = Readonly<{ dispatches(tenant: string): readonly Dispatch[] }>;

/** Inbound messages in memory, for tests and trials, beside the `InMemoryUnitOfWork` of the desk. */
export class InMemoryInbound implements UnitOfWork<InboundTransaction> {
  private readonly tables: TenantTables<InboundMessage[]>;

  constructor(private readonly desk: UnitOfWork & DispatchReads) {
    this.tables = new TenantTables(desk, (messages = []) => [...messages]);
  }

  run<T>(session: Session, work: (tx: InboundTransaction) => Promise<Result<T>>): Promise<Result<T>> {
    return this.tables.run(session, ({ exceptions, dispatches }, draft) =>
      work({ exceptions, dispatches, messages: messagesIn(draft, this.desk.dispatches(session.tenant)) }),
    );
  }

  /** The stored messages of a tenant, in the order in which they were received. */
  messages(tenant: string): readonly InboundMessage[] {
    return this.tables.of(tenant);
  }
}

const messagesIn = (messages: InboundMessage[], dispatches: readonly Dispatch[]): InboundStore => {
  const seen = ({ connectionId, messageId, digest }: InboundQuery | InboundMessage): boolean =>
    messages.some(
      (one) => one.connectionId === connectionId && (one.messageId === messageId || one.digest === digest),
    );
  return {
    find: async (query) => {
      const [best] = dispatches.filter((dispatch) => isAbout(query, dispatch)).sort(byPrecedence(query));
      const newest = messages
        .filter(
          ({ connectionId, externalReference, dispatchId }) =>
            connectionId === query.connectionId &&
            ((externalReference !== undefined && externalReference === query.reference) ||
              (best !== undefined && isTicketOf(query, best) && dispatchId === best.id)),
        )
        .flatMap(({ changedAt }) => changedAt ?? [])
        .sort()
        .at(-1);
      return {
        seen: seen(query),
        ...(newest !== undefined && { newest }),
        ...(best && { dispatchId: best.id }),
      };
    },
    keep: async (message) => {
      // One unit of work runs at a time, so only a message that was not asked for can be there.
      if (seen(message))
        return Promise.reject(new Error(`The message ${message.messageId} was received before.`));
      messages.push(message);
    },
  };
};

const isTicketOf = ({ ticketId }: InboundQuery, { externalId }: Dispatch): boolean =>
  ticketId !== undefined && ticketId === externalId;

const isNamed = ({ reference, movedFrom }: InboundQuery, { externalReference }: Dispatch): boolean =>
  externalReference !== undefined && (externalReference === reference || externalReference === movedFrom);

function isAbout(query: InboundQuery, dispatch: Dispatch): boolean {
  const exceptionId = query.exceptionId?.toLowerCase();
  if (dispatch.target !== query.target || dispatch.kind === 'note') return false;
  if (exceptionId !== undefined) return dispatch.exceptionId === exceptionId;
  if (isTicketOf(query, dispatch)) return true;
  return isNamed(query, dispatch) || query.marks.some((id) => id.toLowerCase() === dispatch.id);
}

/** The dispatch with the ticket's id first, then with its reference, then live ones, then the latest. */
const byPrecedence =
  (query: InboundQuery) =>
  (a: Dispatch, b: Dispatch): number =>
    Number(isTicketOf(query, b)) - Number(isTicketOf(query, a)) ||
    Number(isNamed(query, b)) - Number(isNamed(query, a)) ||
    Number(b.live) - Number(a.live) ||
    (a.id < b.id ? 1 : -1);
