import type { Result } from '../result';
import type { SecretGenerator } from '../value/secrets';
import type { ConnectionSettings, ConnectorSecrets } from './connection';

/** The secrets of a connection after a put. `generated` are those that were made for it and can be shown once. */
export type SecretsAfterPut = Readonly<{ secrets: ConnectorSecrets; generated?: readonly string[] }>;

/** What a put says about the secrets of a connection. */
export type SecretsOfPut<Settings = ConnectionSettings, Secrets = ConnectorSecrets> = Readonly<{
  settings: Settings;
  /** Those in the command; the others stay as they are. */
  given: Partial<Secrets>;
  /** The secrets before the put that may be kept. */
  kept: Secrets | undefined;
}>;

/** The rules of connections that differ from one kind of external system to another. */
export interface ConnectorRules<Settings = ConnectionSettings, Secrets = ConnectorSecrets> {
  /** Name of the setting that holds the address to which requests are sent. */
  readonly addressField: string;
  /**
   * Whether the secrets travel with requests, as a password does. Such secrets are not kept when the address changes:
   * a caller who may change the address could have them sent to an address of their own. A signing key is never sent.
   */
  readonly sendsSecrets: boolean;
  /** What the external system proves itself with when it sends a message to us. */
  readonly inboundSecret: 'signing' | 'shared';
  /** The secrets given, else those kept, if they are enough; refuses with `invalid_value` when they are not. */
  secretsAfter(put: SecretsOfPut<Settings, Secrets>, generator: SecretGenerator): Result<SecretsAfterPut>;
}

/** The address in the settings; empty where it is no text, which the validation of requests rules out. */
export function addressIn(
  { addressField }: Pick<ConnectorRules, 'addressField'>,
  settings: ConnectionSettings,
): string {
  const address = settings[addressField];
  return typeof address === 'string' ? address : '';
}
