import { integer } from './parsers';
import { withDefault } from './variable';

const perSecond = (name: string, fallback: string, what: string) =>
  withDefault(
    name,
    fallback,
    integer(0, 1_000_000),
    `Requests per second of one tenant, over all processes: ${what}. As many as ten seconds have may come at once; 0 is no limit.`,
  );

/** What one tenant, and one actor of it, may ask for. */
export const limitVariables = {
  readsPerSecond: perSecond('RATE_LIMIT_READS', '500', 'reads'),
  commandsPerSecond: perSecond('RATE_LIMIT_COMMANDS', '500', 'commands and imports'),
  exportsPerSecond: perSecond('RATE_LIMIT_EXPORTS', '20', 'exports and summaries'),
  actorPercent: withDefault(
    'RATE_LIMIT_ACTOR_PERCENT',
    '50',
    integer(1, 100),
    'The part of these that one actor of the tenant may use, in percent.',
  ),
  tenantConcurrency: withDefault(
    'TENANT_CONCURRENCY',
    '200',
    integer(0, 100_000),
    'Requests of one tenant that this process works on at the same time; 0 is no limit.',
  ),
};
