import { refuse, ok, type Result } from '../result';
import type { WebhookEndpoint } from '../webhook/endpoint';
import type { CommandMeta } from './command-meta';
import { atVersion } from './use-case';

/** An endpoint that was not deleted, with its encrypted secrets. */
export type ExistingEndpoint = WebhookEndpoint & Readonly<{ secrets: string }>;

/** The endpoint, if it exists and is at the version that was asked for. */
export function existingEndpoint(
  loaded: WebhookEndpoint | undefined,
  id: string,
  meta: Pick<CommandMeta, 'expectedVersion'>,
): Result<ExistingEndpoint> {
  if (!loaded?.secrets) return refuse({ code: 'not_found', what: 'webhook_endpoint', id });
  const current = atVersion(meta, loaded.version);
  return current.ok ? ok({ ...loaded, secrets: loaded.secrets }) : current;
}
