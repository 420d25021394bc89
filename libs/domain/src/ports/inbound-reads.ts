import type { ConnectionTarget } from '../connection/connection';
import type { InboundMessage, InboundOutcome } from '../inbound/message';
import type { Page, PageRequest } from './reads';

/** Filter of the list of inbound messages. As with other lists, an absent member does not restrict. */
export type InboundFilter = Readonly<{
  outcome?: readonly InboundOutcome[];
  target?: readonly ConnectionTarget[];
  exceptionId?: readonly string[];
  externalReference?: readonly string[];
  receivedFrom?: string;
  receivedBefore?: string;
}>;

/** A message without its body, which is shown with one message alone. */
export type ListedMessage = Omit<InboundMessage, 'digest' | 'body'>;

/** Lists of inbound messages. They show nothing of another tenant. */
export abstract class InboundReads {
  /** In the order in which they were received. */
  abstract messages(tenant: string, filter: InboundFilter, page: PageRequest): Promise<Page<ListedMessage>>;
  /** One message with its body; undefined when the tenant has no message with this id. */
  abstract message(
    tenant: string,
    id: string,
  ): Promise<(ListedMessage & Pick<InboundMessage, 'body'>) | undefined>;
}
