import type { InboundMessage } from '../inbound/message';
import { InboundReads, type InboundFilter, type ListedMessage } from '../ports/inbound-reads';
import type { Page, PageRequest } from '../ports/reads';
import { anyId, anyOf, within } from './exception-filter';
import { pageOf } from './paging';

/** Where the stored messages of a tenant are read from. */
export type StoredMessages = Readonly<{
  /** All messages of a tenant, in any order. */
  messages(tenant: string): readonly InboundMessage[];
}>;

/** Lists of inbound messages. */
export class InMemoryInboundReads extends InboundReads {
  constructor(private readonly stored: StoredMessages) {
    super();
  }

  async messages(tenant: string, filter: InboundFilter, page: PageRequest): Promise<Page<ListedMessage>> {
    const chosen = this.stored
      .messages(tenant)
      .filter(
        (one) =>
          anyOf(filter.outcome, one.outcome) &&
          anyOf(filter.target, one.target) &&
          anyId(filter.exceptionId, one.exceptionId ?? '') &&
          anyOf(filter.externalReference, one.externalReference ?? '') &&
          within(one.receivedAt, filter.receivedFrom, filter.receivedBefore),
      );
    return pageOf(chosen, page, ({ id }) => ({ sortValue: '', id }), listed);
  }

  async message(tenant: string, id: string): ReturnType<InboundReads['message']> {
    const found = this.stored.messages(tenant).find((one) => one.id === id.toLowerCase());
    return found && { ...listed(found), body: found.body };
  }
}

const listed = ({ digest: _digest, body: _body, ...message }: InboundMessage): ListedMessage => message;
