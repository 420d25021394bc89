import type {
  ConnectionSettings,
  ConnectionTarget,
  ConnectorRules,
  ConnectorSecrets,
  InboundConnector,
  ParsedMessage,
} from '@redress/domain/integrations';
import type { ConnectionField } from './connection-fields';
import type { Connector, Ledger } from './connector';
import type { ConnectorApi } from './connector-api';
import type { Outbound } from './http-result';
import type { JsonReader } from './json';

/** What connectors need of their host. */
export type ConnectorTools = Readonly<{
  /** The way out to external systems; use `Egress`, which guards against SSRF. */
  outbound: Outbound;
  /** UUIDv7 (RFC 9562): the time in it is sent along as that of the message. */
  newId: () => string;
}>;

/** The settings and secrets of one connection. */
export type ConnectorOptions<Settings = ConnectionSettings, Secrets = ConnectorSecrets> = Readonly<{
  settings: Settings;
  secrets: Secrets;
}>;

/** A connection whose secrets were decrypted. The settings and secrets are those its connector was put with. */
export type ConnectionInUse<Target extends ConnectionTarget = ConnectionTarget> = Readonly<{
  target: Target;
  settings: ConnectionSettings;
  secrets: ConnectorSecrets;
}>;

/** What a connection is put with: a field for each setting and each secret, in the order in which a document lists them. */
export type FieldsOf<Settings, Secrets> = {
  readonly [Name in keyof (Settings & Secrets)]-?: ConnectionField;
};

/** A system with tickets, or one with postings: what is connected under this target. */
export type ConnectorOf<Target extends ConnectionTarget> = Target extends 'LEDGER' ? Ledger : Connector;

/**
 * Connector definition: everything in which one kind of external system differs from another. Each has a folder of its
 * own, and one line in the registry.
 */
export interface ConnectorDefinition<
  Target extends ConnectionTarget = ConnectionTarget,
  Settings = ConnectionSettings,
  Secrets = ConnectorSecrets,
> {
  /** What a service shows of it: its routes and their document are made of these two. */
  readonly api: ConnectorApi;
  readonly fields: FieldsOf<Settings, Secrets>;
  readonly rules: ConnectorRules<Settings, Secrets>;
  /** The outbound half: tickets and notes, or postings. */
  create(options: ConnectorOptions<Settings, Secrets>, tools: ConnectorTools): ConnectorOf<Target>;
  /** The inbound half: whether a message is authentic, and what it says. */
  readonly verifySignature: InboundConnector['verifySignature'];
  /** Reads an authentic message. Any body can be parsed; what cannot be understood is `unreadable`. What a status means may be a setting. */
  parse(body: Uint8Array, json: JsonReader, settings: Settings): ParsedMessage;
}
