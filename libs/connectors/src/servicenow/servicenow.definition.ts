import type { ConnectorDefinition } from '../kit/connector-definition';
import { serviceNowApi, serviceNowFields } from './api';
import { parseServiceNowMessage, verifyServiceNowSignature } from './inbound';
import { ServiceNowConnector } from './servicenow.connector';
import { serviceNowRules, type ServiceNowSecrets, type ServiceNowSettings } from './settings';

/** ServiceNow. */
export const serviceNow: ConnectorDefinition<'SERVICENOW', ServiceNowSettings, ServiceNowSecrets> = {
  api: serviceNowApi,
  fields: serviceNowFields,
  rules: serviceNowRules,
  create: ({ settings, secrets }, { outbound }) =>
    new ServiceNowConnector({ ...settings, ...secrets }, outbound),
  verifySignature: verifyServiceNowSignature,
  parse: parseServiceNowMessage,
};
