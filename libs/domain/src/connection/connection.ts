import type { FieldChanges, Json } from '../change';
import { addressees, type Addressee } from '../dispatch/dispatch.lifecycle';
import type { ProposedRequest } from '../resolution/approval';
import type { ReplacedSecret } from '../value/secret-rotation';
import type { Ciphertext } from '../value/secrets';
import type { Timestamp } from '../value/timestamp';

/** A kind of external system that can be connected. `MANUAL` is a person and needs no connection. */
export type ConnectionTarget = Exclude<Addressee, 'MANUAL'>;
/** A connection target that has tickets; the ledger has postings. */
export type TicketTarget = Exclude<ConnectionTarget, 'LEDGER'>;

/** All kinds of external systems that can be connected, in the order in which they are listed. */
export const connectionTargets: readonly ConnectionTarget[] = addressees.filter(
  (addressee) => addressee !== 'MANUAL',
);

/** The settings of a connection: plain JSON that only the connector of its target understands. They can be read again. */
export type ConnectionSettings = Readonly<Record<string, Json>>;

/** The secrets that requests to the external system are made with, by name. Only the connector understands them. */
export type ConnectorSecrets = Readonly<Record<string, string | readonly string[]>>;

/** All secrets of a connection. They are encrypted together. */
export type ConnectionSecrets = Readonly<{
  own: ConnectorSecrets;
  /** What the external system signs its messages to us with; after a rotation the previous one stays valid for a day. */
  inbound: string;
  previousInbound?: ReplacedSecret;
}>;

/** A change of a connection that awaits other people. `Secrets`: those that were given, encrypted where it is stored. */
export type ConnectionRequest<Secrets = Ciphertext> = Readonly<
  | { type: 'delete' }
  | {
      type: 'put';
      enabled: boolean;
      rotateInboundSecret: boolean;
      settings: ConnectionSettings;
      /** The names of the secrets that were given. */
      newSecrets: readonly string[];
      secrets: Secrets;
    }
>;

/** A stored connection: one for each tenant and target. A deleted one keeps its id, and its version counts on. */
export type StoredConnection = Readonly<{
  id: string;
  target: ConnectionTarget;
  version: number;
  enabled: boolean;
  settings: ConnectionSettings;
  /** `ConnectionSecrets`, encrypted for the row `connection` of this id; absent once it is deleted. */
  secrets?: Ciphertext;
  /** The change that takes effect once other people have asked for the same. */
  proposed?: ProposedRequest<ConnectionRequest>;
  createdAt: Timestamp;
  createdBy: string;
  updatedAt: Timestamp;
  updatedBy: string;
  deletedAt?: Timestamp;
}>;

/** What a line of a connection's change log tells. */
export const connectionEvents = [
  'connection.created',
  'connection.changed',
  'connection.deleted',
  'connection.change_proposed',
  'connection.deletion_proposed',
] as const;

/** One line of a connection's change log. It never contains a secret. */
export type ConnectionEvent = Readonly<{
  connectionId: string;
  /** Version of the connection after the change. */
  version: number;
  type: (typeof connectionEvents)[number];
  actor: string;
  at: Timestamp;
  /** What changed in `enabled` and in the settings. */
  changes: FieldChanges;
  /** Names of the secrets that are new; never their values. */
  newSecrets: readonly string[];
}>;

/** A state of a connection and the event that led to it; both are saved together. */
export type ConnectionChange = Readonly<{
  /** The version that was changed; 0 = there was none. */
  basedOn: number;
  state: StoredConnection;
  event: ConnectionEvent;
}>;
