import type {
  ConnectionTarget,
  ConnectorCatalog,
  ConnectorRules,
  InboundConnector,
} from '@redress/domain/integrations';
import type { Egress } from './egress/egress';
import type { ConnectionInUse, ConnectorDefinition, ConnectorOf } from './kit/connector-definition';
import type { JsonReader } from './kit/json';
import { registry } from './registry';

/** What the connectors need of their host: the guarded way out, a source of ids, and a reader of JSON. */
export type ConnectorsOptions = Readonly<{
  egress: Pick<Egress, 'request' | 'addressProblem'>;
  /** UUIDv7 (RFC 9562). */
  newId: () => string;
  json: JsonReader;
}>;

/** The connectors of the registry, ready to be used. */
export class Connectors implements ConnectorCatalog {
  constructor(private readonly options: ConnectorsOptions) {}

  /** The connector with the settings and secrets of one connection. */
  for<Target extends ConnectionTarget>(connection: ConnectionInUse<Target>): ConnectorOf<Target> {
    const { egress, newId } = this.options;
    const definition: ConnectorDefinition<Target> = registry[connection.target];
    return definition.create(connection, { outbound: egress, newId });
  }

  rulesOf(target: ConnectionTarget): ConnectorRules {
    return registry[target].rules;
  }

  inboundOf(target: ConnectionTarget): InboundConnector {
    const { json } = this.options;
    const definition = registry[target];
    return {
      verifySignature: definition.verifySignature,
      parse: (body, settings) => definition.parse(body, json, settings),
    };
  }

  addressProblem(address: string): Promise<string | undefined> {
    return this.options.egress.addressProblem(address);
  }
}
