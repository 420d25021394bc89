import { callbackStatuses } from '@redress/domain';
import { addressField, signingSecretsField } from '../kit/connection-fields';
import { standardWebhookHeaders, type ConnectorApi, type MessageSchema } from '../kit/connector-api';
import type { FieldsOf } from '../kit/connector-definition';
import type { SigningSecrets, SigningSettings } from '../kit/signing-secrets';

export const webhookFields: FieldsOf<SigningSettings, SigningSecrets> = {
  url: addressField(
    'https://hooks.acme.example/redress',
    'Where messages are posted. It is no secret: it is shown and logged.',
  ),
  secrets: signingSecretsField('messages'),
};

const uuid = { type: 'string', format: 'uuid', example: '019c96a0-10d2-7134-ba5f-664142ee7052' } as const;

const callback: MessageSchema = {
  name: 'ReportedCallback',
  members: {
    exceptionId: { optional: true, schema: { ...uuid, description: 'One of these three has to be there.' } },
    dispatchId: { optional: true, schema: { ...uuid, description: '`webhook-id` of what was handed over.' } },
    externalIssueId: {
      optional: true,
      schema: { type: 'string', description: 'The reference that the hand-over was answered with.' },
    },
    status: {
      schema: {
        type: 'string',
        enum: [...callbackStatuses],
        description: 'OPEN gives a pending exception back.',
      },
    },
    assignee: { optional: true, schema: { type: 'string', description: 'Needed for ASSIGNED.' } },
    resolutionNotes: { optional: true, schema: { type: 'string' } },
    dueAt: { optional: true, schema: { type: 'string', format: 'date-time' } },
    updatedAt: {
      optional: true,
      schema: { type: 'string', format: 'date-time', description: 'Default: `timestamp`.' },
    },
  },
};

const message: MessageSchema = {
  name: 'WebhookMessage',
  members: {
    type: { schema: { type: 'string', enum: ['exception.callback'] } },
    timestamp: {
      schema: {
        type: 'string',
        format: 'date-time',
        description: 'When it happened, the same for all attempts; by it messages are put in order.',
      },
    },
    data: { of: callback },
  },
};

export const webhookApi: ConnectorApi = {
  name: 'Webhook',
  system: 'a webhook',
  settings: 'Messages are signed as Standard Webhooks are.',
  inbound: {
    sender: 'a system of your own',
    how: 'Signed as Standard Webhooks are.',
    headers: standardWebhookHeaders,
    message,
  },
};
