export { connectionTargets } from '../connection/connection';
export type {
  ConnectionChange,
  ConnectionEvent,
  ConnectionSecrets,
  ConnectionSettings,
  ConnectionTarget,
  ConnectorSecrets,
  StoredConnection,
  TicketTarget,
} from '../connection/connection';
export type { ConnectorRules, SecretsAfterPut, SecretsOfPut } from '../connection/connector-rules';
export type { IssuedSecrets, PutConnection, PutConnectionChange } from '../connection/decide-connection';
export { ConnectionDesk, connectionSecretOwner } from '../desks/connection-desk';
export { encryptedReplies } from '../desks/encrypted-replies';
export { InboundDesk, type Received } from '../desks/inbound-desk';
export { decideInbound, type KnownTicket } from '../inbound/decide-inbound';
export { ledgerRefusal } from '../inbound/decide-posting-update';
export type { InboundDecision } from '../inbound/inbound-decision';
export { inboundOutcomes } from '../inbound/message';
export type { InboundMessage, InboundOutcome, ParsedMessage, TicketUpdate } from '../inbound/message';
export type {
  ConnectionPorts,
  ConnectionReads,
  ConnectionStore,
  ConnectionTransaction,
} from '../ports/connection-store';
export type {
  ConnectorCatalog,
  InboundConnections,
  InboundConnector,
  InboundDelivery,
  VerifiedDelivery,
} from '../ports/connectors';
export type {
  InboundMatch,
  InboundPorts,
  InboundQuery,
  InboundStore,
  InboundTransaction,
} from '../ports/inbound-store';
export type { Ciphertext, SecretGenerator, SecretOwner, Vault } from '../ports/vault';
export { replacedSecret, validSecrets, type ReplacedSecret } from '../value/secret-rotation';
export { timeOfUuid } from '../value/uuid';
