import type { ConnectionTarget } from '@redress/domain/integrations';
import { jira } from './jira/jira.definition';
import type { ConnectorDefinition } from './kit/connector-definition';
import { ledger } from './ledger/ledger.definition';
import { serviceNow } from './servicenow/servicenow.definition';
import { webhook } from './webhook/webhook.definition';

/** The registry of connectors: one line for each kind of external system. */
export const registry: { readonly [Target in ConnectionTarget]: ConnectorDefinition<Target> } = {
  JIRA: jira,
  SERVICENOW: serviceNow,
  WEBHOOK: webhook,
  LEDGER: ledger,
};
