import type { FieldChanges, Json } from '../change';
import { addressees, type Addressee } from '../dispatch/dispatch.lifecycle';
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

/** A stored connection: one for each tenant and target. A deleted one keeps its id, and its version counts on. */
export type StoredConnection = Readonly<{
  id: string;
  target: ConnectionTarget;
  version: number;
  enabled: boolean;
  settings: ConnectionSettings;
  /** `ConnectionSecrets`, encrypted for the row `connection` of this id; absent once it is deleted. */
  secrets?: Ciphertext;
  createdAt: Timestamp;
  createdBy: string;
  updatedAt: Timestamp;
  updatedBy: string;
  deletedAt?: Timestamp;
}>;

/** One line of a connection's change log. It never contains a secret. */
export type ConnectionEvent = Readonly<{
  connectionId: string;
  /** Version of the connection after the change. */
  version: number;
  type: 'connection.created' | 'connection.changed' | 'connection.deleted';
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
