import { limits } from '@redress/domain';
import { isConnectionUrl } from '@redress/connectors';
import { eventTypes, everyType } from '@redress/domain/integrations';
import { validateTextValue } from '@redress/formats';
import { field, Flag, Text, Time } from '../http/fields';

const maxUrl = 2048;

const urlFault = (value: unknown): string | undefined =>
  validateTextValue(value, maxUrl) ??
  (isConnectionUrl(value as string)
    ? undefined
    : 'must be a URL such as https://acme.example/events, with no user name, password or fragment');

const Address = (optional: boolean) =>
  field(
    'url',
    urlFault,
    {
      optional,
      example: 'https://hooks.acme.example/redress',
      description: 'Where events are posted. It is no secret: it is shown and logged.',
    },
    { type: String, format: 'uri', minLength: 1, maxLength: maxUrl },
  );

const typesFault = (value: unknown): string | undefined => {
  if (!Array.isArray(value) || value.length === 0) return 'must be a list of at least one type of event';
  const unknown = (value as unknown[]).find((one) => one !== everyType && !isType(one));
  if (unknown === undefined) return undefined;
  return `must be a list of types of events, which ${JSON.stringify(unknown).slice(0, 60)} is not; see docs/events.md`;
};
const isType = (value: unknown): boolean => eventTypes.some((type) => type === value);

const Types = () =>
  field(
    'types',
    typesFault,
    {
      optional: true,
      example: ['exception.raised', 'exception.resolved'],
      description: `The types of events to hear of; \`["${everyType}"]\`, as without the list, is all of them.`,
    },
    { type: 'array', items: { type: 'string', enum: [everyType, ...eventTypes] }, minItems: 1 },
  );

const Description = () => Text(limits.queue, { optional: true, example: 'Ledger of the treasury' });

export class CreateEndpoint {
  @Address(false) url!: string;
  @Types() events?: string[];
  @Description() description?: string;
}

export class PatchEndpoint {
  @Address(true) url?: string;
  @Types() events?: string[];
  @Description() description?: string;

  @Flag({
    optional: true,
    example: true,
    description: 'Switched off, it is sent nothing; what it misses can be replayed once it is on again.',
  })
  enabled?: boolean;

  @Flag({
    optional: true,
    example: true,
    description: 'Makes a new secret, shown this once. For 24 hours the one before signs as well.',
  })
  rotateSecret?: boolean;
}

export class ReplayRange {
  @Time({ description: 'Events of that moment or later.' }) from!: string;
  @Time({ description: 'Events before that moment.', example: '2025-01-15T12:30:00.000Z' }) to!: string;
}
