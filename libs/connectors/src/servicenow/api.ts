import {
  addressField,
  constantsField,
  isShortText,
  omitField,
  recordProblem,
  secretField,
  shapedField,
  shortTextSchema,
  textField,
  textsField,
} from '../kit/connection-fields';
import type { ConnectorApi, MessageSchema } from '../kit/connector-api';
import type { FieldsOf } from '../kit/connector-definition';
import { defaultReturns } from './inbound';
import { dispensable, reserved } from './values';
import type { ServiceNowSecrets, ServiceNowSettings } from './settings';

export const serviceNowFields: FieldsOf<ServiceNowSettings, ServiceNowSecrets> = {
  instance: addressField('https://acme.service-now.com', 'Address of the instance.'),
  table: textField({ optional: true, example: 'incident', description: 'Table; incident when absent.' }),
  username: textField({
    optional: true,
    example: 'redress',
    description: 'Who signs in; goes with a password.',
  }),
  password: secretField('Password of the user name.', {
    example: 'example-of-a-password',
    headerSafe: false,
  }),
  token: secretField('OAuth token, instead of user name and password.'),
  apiKey: secretField('API key, instead of user name and password.'),
  assignmentGroups: shapedField(
    (value) =>
      recordProblem(value, (group) =>
        isShortText(group) ? undefined : 'must be an object whose values are all text',
      ),
    {
      type: 'object',
      additionalProperties: shortTextSchema,
      description: 'The sys_id of the group that a queue leads to.',
      example: { 'RECON-TEAM': '287ebd7da9fe198100f92cc8d1d2154e' },
    },
  ),
  callerId: textField({
    optional: true,
    example: '6816f79cc0a8016401c5a33be04be441',
    description: 'The sys_id of the user that incidents are reported by.',
  }),
  omit: omitField(dispensable, 'Fields that are not sent.'),
  fields: constantsField(
    (name, value) =>
      reserved.some((one) => one === name)
        ? 'comes from the exception'
        : typeof value === 'string' && value.length <= 4000
          ? undefined
          : 'must be text',
    { description: 'Further fields of every record, by their names.', example: { category: 'inquiry' } },
  ),
  returns: textsField({
    description:
      'States and close codes that return the exception instead of resolving it. Unless given: ' +
      `${defaultReturns.join(', ')}, which is cancelled.`,
    example: ['8', 'Duplicate'],
  }),
};

const message: MessageSchema = {
  name: 'ServiceNowMessage',
  members: {
    id: { schema: { type: 'string', maxLength: 255, description: 'The same whenever this is sent again.' } },
    type: { schema: { type: 'string', enum: ['incident.updated', 'incident.deleted'] } },
    number: { schema: { type: 'string', example: 'INC0010002' } },
    correlation_id: {
      optional: true,
      schema: {
        type: 'string',
        format: 'uuid',
        example: '019c96a0-10d2-7134-ba5f-664142ee7052',
        description: 'As it was created: the id of the dispatch.',
      },
    },
    state: {
      schema: {
        type: 'string',
        enum: ['1', '2', '3', '6', '7', '8'],
        example: '6',
        description:
          '6 and 7 resolve; 2 and 3 assign, where `assigned_to` is set; 8 gives it back, unless `returns` of the ' +
          'connection says otherwise; 1 does nothing.',
      },
    },
    assigned_to: { optional: true, schema: { type: 'string', description: 'Who has it, by name.' } },
    sys_id: {
      optional: true,
      schema: { type: 'string', description: 'Finds a record that was given another number.' },
    },
    close_code: { optional: true, schema: { type: 'string', example: 'Duplicate' } },
    close_notes: { optional: true, schema: { type: 'string' } },
    sys_updated_on: { schema: { type: 'string', example: '2026-01-02 03:04:05', description: 'In UTC.' } },
  },
};

export const serviceNowApi: ConnectorApi = {
  name: 'ServiceNow',
  system: 'ServiceNow',
  settings:
    'Takes `username` and `password`, or a `token`, or an `apiKey`, asked for again when the instance is another.',
  inbound: {
    how: 'Sent by a script of yours, for there are no webhooks there.',
    headers: [
      {
        name: 'X-Redress-Signature',
        description: '`sha256=` and the HMAC of time, dot and body, in hexadecimal or base64.',
        required: true,
      },
      {
        name: 'X-Redress-Timestamp',
        description: 'Seconds since 1970, at most five minutes from now.',
        required: true,
      },
    ],
    message,
  },
};
