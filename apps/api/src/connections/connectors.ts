import type { Connector } from '../connectors/connector';
import type { OpenConnection } from './connection';

/** Makes of a connection whatever talks to its external system. */
export abstract class Connectors {
  abstract for(connection: OpenConnection): Connector;
}
