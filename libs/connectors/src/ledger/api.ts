import { addressField, signingSecretsField } from '../kit/connection-fields';
import { standardWebhookHeaders, type ConnectorApi, type MessageSchema } from '../kit/connector-api';
import type { FieldsOf } from '../kit/connector-definition';
import type { SigningSecrets, SigningSettings } from '../kit/signing-secrets';

export const ledgerFields: FieldsOf<SigningSettings, SigningSecrets> = {
  url: addressField(
    'https://ledger.acme.example/redress',
    'Where postings are sent. It is no secret: it is shown and logged.',
  ),
  secrets: signingSecretsField('postings'),
};

const answer: MessageSchema = {
  name: 'LedgerAnswer',
  members: {
    id: {
      schema: {
        type: 'string',
        format: 'uuid',
        example: '019c96a0-10d2-7134-ba5f-664142ee7052',
        description: '`webhook-id` of the posting, which is also its `data.id`.',
      },
    },
    reference: {
      optional: true,
      schema: { type: 'string', maxLength: 255, description: 'What the ledger calls the entry.' },
    },
    reason: {
      optional: true,
      schema: { type: 'string', description: 'Why it was refused: people here will read it.' },
    },
  },
};

const message: MessageSchema = {
  name: 'LedgerMessage',
  members: {
    type: { schema: { type: 'string', enum: ['ledger.posted', 'ledger.refused'] } },
    timestamp: {
      optional: true,
      schema: { type: 'string', format: 'date-time', description: 'When it was decided.' },
    },
    data: { of: answer },
  },
};

export const ledgerApi: ConnectorApi = {
  name: 'Ledger',
  system: 'a ledger',
  settings:
    'From then on force matches and adjustments wait for its answer. Requests are signed as Standard Webhooks are.',
  inbound: {
    how: 'What became of a posting that it did not answer at once. Signed as Standard Webhooks are.',
    headers: standardWebhookHeaders,
    message,
  },
};
