import type { Ports, Timestamp, Transaction, Page, PageRequest } from '@redress/domain';
import type { ConnectionTarget } from '../connections/open-connection';
import type { InboundMessage, InboundOutcome } from './inbound-message';

/** What is asked about a message before anything is decided. */
export type Inquiry = Readonly<{
  connectionId: string;
  target: ConnectionTarget;
  messageId: string;
  digest: Buffer;
  reference?: string | undefined;
  marks: readonly string[];
  exceptionId?: string | undefined;
}>;

export type Finding = Readonly<{
  /** It was received before, under this id or in these words. */
  seen: boolean;
  /** The latest change of this ticket that any message told of. */
  newest?: Timestamp;
  /** The ticket's own dispatch; else one it is marked with, or one of the exception that is named. */
  dispatchId?: string;
}>;

/** The desk's own unit of work, in which a message is kept together with what it does. */
export interface InboundTransaction extends Pick<Transaction, 'exceptions' | 'dispatches'> {
  readonly messages: {
    find(inquiry: Inquiry): Promise<Finding>;
    /** Does not commit when the message was received before. */
    keep(message: InboundMessage): Promise<void>;
  };
}

export type InboundPorts = Ports<InboundTransaction>;

/** As with other lists: what is unset does not restrict. */
export type InboundFilter = Readonly<{
  outcome?: readonly InboundOutcome[];
  target?: readonly ConnectionTarget[];
  exceptionId?: readonly string[];
  externalReference?: readonly string[];
  receivedFrom?: string;
  receivedBefore?: string;
}>;

/** What was sent is shown with one message alone. */
export type ListedMessage = Omit<InboundMessage, 'digest' | 'body'>;

export abstract class InboundReads {
  /** In the order in which they were received. */
  abstract messages(tenant: string, filter: InboundFilter, page: PageRequest): Promise<Page<ListedMessage>>;
  abstract message(
    tenant: string,
    id: string,
  ): Promise<(ListedMessage & Pick<InboundMessage, 'body'>) | undefined>;
}
