import type {
  ConnectionChange,
  ConnectionSecrets,
  ConnectionTarget,
  StoredConnection,
} from '../connection/connection';
import { addressIn, type ConnectorRules } from '../connection/connector-rules';
import {
  putConnection,
  removeConnection,
  type PutConnection,
  type PutConnectionChange,
} from '../connection/decide-connection';
import type { ConnectionPorts, ConnectionTransaction } from '../ports/connection-store';
import type { ConnectorCatalog } from '../ports/connectors';
import type { SecretGenerator, SecretOwner, Vault } from '../ports/vault';
import { ok, refuse, type Result } from '../result';
import { addressRefusal } from './address-refusal';
import { encryptedReplies } from './encrypted-replies';
import type { CommandMeta, ReplyCodec } from './command-meta';
import { atVersion, runOnce } from './use-case';

/** What the secrets of a connection are encrypted for: its row, and the address that its requests are sent to. */
export const connectionSecretOwner = (
  tenant: string,
  { id, settings }: Pick<StoredConnection, 'id' | 'settings'>,
  rules: Pick<ConnectorRules, 'addressField'>,
): SecretOwner => ({ table: 'connection', tenant, id, address: addressIn(rules, settings) });

/** Connects a tenant to external systems: load, decide, encrypt, save, once per idempotency key. */
export class ConnectionDesk {
  constructor(
    private readonly ports: ConnectionPorts,
    private readonly vault: Vault,
    private readonly generator: SecretGenerator,
    private readonly connectors: Pick<ConnectorCatalog, 'rulesOf' | 'addressProblem'>,
  ) {}

  /** Creates or changes the connection to a target. Throws when the vault has no key. */
  async put<A = Result<PutConnectionChange>>(
    command: PutConnection,
    given: CommandMeta<ReplyCodec<PutConnectionChange, A>>,
  ): Promise<NoInfer<A>> {
    const meta = encryptedReplies(this.vault, given);
    const rules = this.connectors.rulesOf(command.target);
    const address = addressIn(rules, command.settings);
    const forbidden = await addressRefusal(this.connectors, address, rules.addressField);
    return runOnce(this.ports, meta, loading(command.target), async (stored, tx, ctx) => {
      const current = atVersion(meta, stored && !stored.deletedAt ? stored.version : 0);
      if (!current.ok) return current;
      if (forbidden) return refuse(forbidden);
      const before = stored && { stored, ...this.decrypted(meta.tenant, stored, rules) };
      const decided = putConnection(command, before, { ...ctx, rules, generator: this.generator });
      if (!decided.ok) return decided;
      const { basedOn, state, event, secrets } = decided.value;
      const encrypted = this.vault.encrypt(secrets, connectionSecretOwner(meta.tenant, state, rules));
      await tx.connections.save({ basedOn, state: { ...state, secrets: encrypted }, event });
      return decided;
    });
  }

  /** Deletes the connection to a target, with its secrets. */
  remove<A = Result<ConnectionChange>>(
    target: ConnectionTarget,
    meta: CommandMeta<ReplyCodec<ConnectionChange, A>>,
  ): Promise<NoInfer<A>> {
    return runOnce(this.ports, meta, loading(target), async (stored, tx, ctx) => {
      if (!stored || stored.deletedAt) return refuse({ code: 'not_found', what: 'connection', id: target });
      const current = atVersion(meta, stored.version);
      if (!current.ok) return current;
      const change = removeConnection(stored, ctx);
      await tx.connections.save(change);
      return ok(change);
    });
  }

  private decrypted(
    tenant: string,
    stored: StoredConnection,
    rules: ConnectorRules,
  ): { secrets?: ConnectionSecrets } {
    if (!stored.secrets) return {};
    const owner = connectionSecretOwner(tenant, stored, rules);
    return { secrets: this.vault.decrypt(stored.secrets, owner) as ConnectionSecrets };
  }
}

const loading = (target: ConnectionTarget) => (tx: ConnectionTransaction) => tx.connections.load(target);
