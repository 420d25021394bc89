import { severities } from '@redress/domain';
import {
  addressField,
  constantsField,
  isRecord,
  isShortText,
  isTexts,
  omitField,
  recordProblem,
  secretField,
  shapedField,
  shortTextSchema,
  textField,
  textsField,
  type FieldProblem,
} from '../kit/connection-fields';
import type { FieldsOf } from '../kit/connector-definition';
import type { ConnectorApi } from '../kit/connector-api';
import { dispensable, reserved } from './fields';
import { defaultReturns } from './inbound';
import type { JiraSecrets, JiraSettings } from './settings';

const queuesProblem = (value: unknown): FieldProblem =>
  recordProblem(value, (place) =>
    isRecord(place) &&
    Object.keys(place).length > 0 &&
    Object.entries(place).every(
      ([name, said]) => ['project', 'component'].includes(name) && isShortText(said),
    )
      ? undefined
      : 'must be an object of queues, each of them {"project", "component"} or one of the two, as text',
  );

const prioritiesProblem = (value: unknown): FieldProblem =>
  isRecord(value) &&
  Object.entries(value).every(([name, said]) => severities.some((one) => one === name) && isShortText(said))
    ? undefined
    : `must be an object of texts under ${severities.join(', ')}`;

export const jiraFields: FieldsOf<JiraSettings, JiraSecrets> = {
  site: addressField('https://acme.atlassian.net', 'Address of the site.'),
  email: textField({ max: 254, example: 'desk@acme.example', description: 'Whose API token it is.' }),
  apiToken: secretField('API token. Required when the connection is new, or the site another.', {
    example: 'example-of-a-token',
  }),
  project: textField({ example: 'RECON', description: 'Key of the project that gets the issues.' }),
  issueType: textField({
    optional: true,
    example: 'Task',
    description: 'Name of the type; Task when absent.',
  }),
  queues: shapedField(queuesProblem, {
    type: 'object',
    additionalProperties: {
      type: 'object',
      properties: { project: shortTextSchema, component: shortTextSchema },
      additionalProperties: false,
    },
    description: 'Where a queue leads, when not to the project.',
    example: { 'RECON-TEAM': { project: 'RECON', component: 'Cards' } },
  }),
  priorities: shapedField(prioritiesProblem, {
    type: 'object',
    properties: Object.fromEntries(severities.map((severity) => [severity, shortTextSchema])),
    additionalProperties: false,
    description: 'What the site calls its priorities, where not as Jira does.',
    example: { CRITICAL: 'Blocker' },
  }),
  omit: omitField(dispensable, 'Fields that are not sent, because the create screen lacks them.'),
  fields: constantsField(
    (name, value) =>
      reserved.some((one) => one === name)
        ? 'comes from another setting or from the exception'
        : name === 'labels' && !isTexts(value)
          ? 'must be a list of texts'
          : undefined,
    {
      description:
        'Further fields of every issue, by their ids, with values as the REST API of Jira takes them. Labels are added.',
      example: { customfield_10010: { value: 'Finance' }, labels: ['finance'] },
    },
  ),
  returns: textsField({
    description:
      'Resolutions, or statuses of the category Done, that return the exception instead of resolving it. Unless given: ' +
      `${defaultReturns.join(', ')}.`,
    example: ["Won't Do", 'Duplicate'],
  }),
};

export const jiraApi: ConnectorApi = {
  name: 'Jira',
  system: 'Jira',
  settings: 'An API token is asked for again when the site is another.',
  inbound: {
    how: 'The webhook that an administrator of Jira sets up, as Jira sends it.',
    headers: [
      {
        name: 'X-Atlassian-Webhook-Identifier',
        description: 'The same whenever this is sent again.',
        required: false,
      },
      {
        name: 'X-Hub-Signature',
        description: '`sha256=` and the HMAC of the body, in hexadecimal.',
        required: true,
      },
    ],
    message: { description: 'An event of Jira.' },
  },
};
