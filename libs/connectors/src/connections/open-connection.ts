import type { ConnectionSettings, ConnectionTarget, ConnectorSecrets } from '@redress/domain/integrations';
import type { ConnectionInUse } from '../kit/connector-definition';

/** Whose connection to which external system this is. */
export type ConnectionIdentity<Target extends ConnectionTarget = ConnectionTarget> = Readonly<{
  id: string;
  tenant: string;
  target: Target;
}>;

/**
 * A connection in use, with its secrets decrypted. They are private fields behind getters of the class, which JSON, logs
 * and inspection do not read; a copy of the object has none.
 */
export class OpenConnection<
  Target extends ConnectionTarget = ConnectionTarget,
> implements ConnectionInUse<Target> {
  readonly id: string;
  readonly tenant: string;
  readonly target: Target;
  readonly #secrets: ConnectorSecrets;
  readonly #inboundSecrets: readonly string[];

  constructor(
    { id, tenant, target }: ConnectionIdentity<Target>,
    readonly settings: ConnectionSettings,
    secrets: ConnectorSecrets,
    inboundSecrets: readonly string[],
  ) {
    this.id = id;
    this.tenant = tenant;
    this.target = target;
    this.#secrets = secrets;
    this.#inboundSecrets = inboundSecrets;
  }

  get secrets(): ConnectorSecrets {
    return this.#secrets;
  }

  /** The secrets that a message of the external system may be signed with now. */
  get inboundSecrets(): readonly string[] {
    return this.#inboundSecrets;
  }
}
