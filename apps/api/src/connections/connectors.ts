import type { Connector, Ledger } from '../connectors/kit/connector';
import type { OpenConnection, OpenConnectionTo, TicketTarget } from './open-connection';

/** What connections ask of whatever talks to external systems. */
export abstract class Connectors {
  abstract for(connection: OpenConnectionTo<TicketTarget>): Connector;
  abstract for(connection: OpenConnectionTo<'LEDGER'>): Ledger;
  abstract for(connection: OpenConnection): Connector | Ledger;
  /**
   * Why nothing will be sent to this address, as the end of a sentence; undefined when its form forbids nothing. Where
   * its name leads is only known when it is used, and checked again then.
   */
  abstract refusal(url: URL): string | undefined;
}
