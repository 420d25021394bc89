import type { ConnectionSettings, ConnectionTarget } from '../connection/connection';
import type { ConnectorRules } from '../connection/connector-rules';
import type { ParsedMessage } from '../inbound/message';

/** An HTTP request from an external system. Names of headers are in lower case. */
export interface InboundDelivery {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The body as it arrived. */
  readonly body: Uint8Array;
  /** SHA-256 of the body, in hexadecimal. */
  digest(): string;
  /** The first bytes of the body as text, without U+0000. */
  text(maxBytes: number): string;
}

/** What a verified signature proves; `id` where a header identifies the message. */
export type VerifiedDelivery = Readonly<{ id?: string }>;

/** The inbound half of a connector. */
export interface InboundConnector {
  /**
   * Whether one of the secrets signed exactly these bytes, and not too long before `now`; undefined when not, without a
   * word about why. It reads the bytes as they arrived, never what was parsed from them.
   */
  verifySignature(
    secrets: readonly string[],
    delivery: Pick<InboundDelivery, 'headers' | 'body'>,
    now: Date,
  ): VerifiedDelivery | undefined;
  /**
   * Any body can be parsed; what cannot be understood is `unreadable`. `settings` of the connection say what a status means,
   * where that differs from site to site.
   */
  parse(body: Uint8Array, settings: ConnectionSettings): ParsedMessage;
}

/** The connectors, as far as desks need them. */
export interface ConnectorCatalog {
  /** The rules of the connector for this target: which settings and secrets a connection has. */
  rulesOf(target: ConnectionTarget): ConnectorRules;
  /** The inbound half of the connector for this target. */
  inboundOf(target: ConnectionTarget): InboundConnector;
  /**
   * Why nothing can be sent to this address, as the end of a sentence; undefined when nothing forbids it. A host name is
   * looked up, within a few seconds; one that leads nowhere at present is accepted, since it may lead somewhere later.
   * Where it leads is checked again whenever it is used.
   */
  addressProblem(address: string): Promise<string | undefined>;
}

/** Finds a connection by the id that an inbound message names; which tenant it belongs to follows from it. */
export interface InboundConnections {
  /**
   * The connection and its decrypted inbound secrets; undefined when there is no connection with this id. Any text may
   * be asked for.
   */
  byId(id: string): Promise<
    | Readonly<{
        tenant: string;
        connection: Readonly<{
          target: ConnectionTarget;
          settings: ConnectionSettings;
          inboundSecrets: readonly string[];
        }>;
      }>
    | undefined
  >;
}
