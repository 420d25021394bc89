import type { ConnectorDefinition } from '../kit/connector-definition';
import { signingRules, type SigningSecrets, type SigningSettings } from '../kit/signing-secrets';
import { verifyStandardWebhook } from '../kit/verify-signature';
import { ledgerApi, ledgerFields } from './api';
import { parseLedgerMessage } from './inbound';
import { LedgerConnector } from './ledger.connector';

/** The customer's own ledger, which books adjustments and forced matches. */
export const ledger: ConnectorDefinition<'LEDGER', SigningSettings, SigningSecrets> = {
  api: ledgerApi,
  fields: ledgerFields,
  rules: signingRules,
  create: ({ settings, secrets }, tools) => new LedgerConnector({ ...settings, ...secrets }, tools),
  verifySignature: verifyStandardWebhook,
  parse: parseLedgerMessage,
};
