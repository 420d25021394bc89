import type { ConnectionTarget, TicketTarget } from '@redress/domain/integrations';
import type { FixedConnection } from './connections/fixed-connection';
import { jira } from './jira/jira.definition';
import type { ConnectorDefinition } from './kit/connector-definition';
import { ledger } from './ledger/ledger.definition';
import { serviceNow } from './servicenow/servicenow.definition';
import { webhook } from './webhook/webhook.definition';

/** The definition of each connector, with the types of its settings and secrets. */
export const definitions = {
  JIRA: jira,
  SERVICENOW: serviceNow,
  WEBHOOK: webhook,
  LEDGER: ledger,
};

/** The registry of connectors: one line for each kind of external system. */
export const registry: { readonly [Target in ConnectionTarget]: ConnectorDefinition<Target> } = definitions;

/** The fixed connection of a connector, by its settings and secrets. */
export type ConnectionOf<Definition> =
  Definition extends ConnectorDefinition<ConnectionTarget, infer Settings, infer Secrets>
    ? FixedConnection<Settings, Secrets>
    : never;

/** A connection for each system with tickets, with the settings and secrets of its connector. */
export type FixedConnections = {
  readonly [Target in TicketTarget]?: ConnectionOf<(typeof definitions)[Target]>;
};
