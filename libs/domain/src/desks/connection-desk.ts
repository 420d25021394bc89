import type {
  ConnectionChange,
  ConnectionRequest,
  ConnectionSecrets,
  ConnectionTarget,
  StoredConnection,
} from '../connection/connection';
import { addressIn, type ConnectorRules } from '../connection/connector-rules';
import {
  putConnection,
  removeConnection,
  type PutConnection,
  type IssuedSecrets,
} from '../connection/decide-connection';
import { changesNothing, proposeChange, putRequest } from '../connection/propose-connection';
import type { Context } from '../change';
import type { DualControl } from '../resolution/approval';
import { underDualControl } from '../resolution/dual-control';
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

/** Dual control of the connection to the ledger: what a tenant's approval policy asks for. */
export type LedgerControl = Readonly<{
  /** How many other people have to ask for the same change; undefined where none have to. */
  changes: (tenant: string) => Promise<DualControl | undefined>;
  /** After which a proposed change counts for nothing. */
  expiresHours: number;
}>;

/** The change of a connection by a put. `proposed` in its state: it awaits other people, and issues nothing. */
export type PutOutcome = ConnectionChange & Readonly<{ issued: IssuedSecrets; secrets?: ConnectionSecrets }>;

/** Connects a tenant to external systems: load, decide, encrypt, save, once per idempotency key. */
export class ConnectionDesk {
  constructor(
    private readonly ports: ConnectionPorts,
    private readonly vault: Vault,
    private readonly generator: SecretGenerator,
    private readonly connectors: Pick<ConnectorCatalog, 'rulesOf' | 'addressProblem'>,
    private readonly ledger?: LedgerControl,
  ) {}

  /** Creates or changes the connection to a target. Throws when the vault has no key. */
  async put<A = Result<PutOutcome>>(
    command: PutConnection,
    given: CommandMeta<ReplyCodec<PutOutcome, A>>,
  ): Promise<NoInfer<A>> {
    const meta = encryptedReplies(this.vault, given);
    const rules = this.connectors.rulesOf(command.target);
    const address = addressIn(rules, command.settings);
    const forbidden = await addressRefusal(this.connectors, address, rules.addressField);
    const control = await this.control(meta.tenant, command.target);
    return runOnce(this.ports, meta, loading(command.target), async (stored, tx, ctx) => {
      const current = atVersion(meta, stored && !stored.deletedAt ? stored.version : 0);
      if (!current.ok) return current;
      if (forbidden) return refuse(forbidden);
      const before = stored && { stored, ...this.decrypted(meta.tenant, stored, rules) };
      const decided = putConnection(command, before, { ...ctx, rules, generator: this.generator });
      if (!decided.ok) return decided;
      if (!changesNothing(stored, command)) {
        const { id } = decided.value.state;
        const held = this.hold(stored, command.target, id, putRequest(command), control, meta.tenant, ctx);
        if (!held.ok) return held;
        if (held.value) await tx.connections.save(held.value);
        if (held.value) return ok({ ...held.value, issued: {} });
      }
      const { basedOn, state, event, secrets } = decided.value;
      const encrypted = this.vault.encrypt(secrets, connectionSecretOwner(meta.tenant, state, rules));
      await tx.connections.save({ basedOn, state: { ...state, secrets: encrypted }, event });
      return decided;
    });
  }

  /** Deletes the connection to a target, with its secrets. */
  async remove<A = Result<ConnectionChange>>(
    target: ConnectionTarget,
    meta: CommandMeta<ReplyCodec<ConnectionChange, A>>,
  ): Promise<NoInfer<A>> {
    const control = await this.control(meta.tenant, target);
    return runOnce(this.ports, meta, loading(target), async (stored, tx, ctx) => {
      if (!stored || stored.deletedAt) return refuse({ code: 'not_found', what: 'connection', id: target });
      const current = atVersion(meta, stored.version);
      if (!current.ok) return current;
      const held = this.hold(stored, target, stored.id, { type: 'delete' }, control, meta.tenant, ctx);
      if (!held.ok) return held;
      const change = held.value ?? removeConnection(stored, ctx);
      await tx.connections.save(change);
      return ok(change);
    });
  }

  private async control(tenant: string, target: ConnectionTarget): Promise<DualControl | undefined> {
    return target === 'LEDGER' ? this.ledger?.changes(tenant) : undefined;
  }

  /** The change that proposes a request; undefined where it takes effect. Secrets are compared as they were given. */
  private hold(
    stored: StoredConnection | undefined,
    target: ConnectionTarget,
    id: string,
    request: ConnectionRequest<PutConnection['secrets']>,
    control: DualControl | undefined,
    tenant: string,
    ctx: Context,
  ): Result<ConnectionChange | undefined> {
    const owner = { table: 'connection_proposal', tenant, id };
    const sealed = stored?.proposed && stored.proposed.expiresAt > ctx.now ? stored.proposed : undefined;
    const opened = sealed && {
      ...sealed,
      request:
        sealed.request.type === 'put'
          ? { ...sealed.request, secrets: this.vault.decrypt(sealed.request.secrets, owner) }
          : sealed.request,
    };
    const decided = underDualControl<unknown>(request, control, opened, ctx, this.ledger?.expiresHours ?? 0);
    if (!decided.ok) return decided;
    const { proposed } = decided.value;
    if (!proposed) return ok(undefined);
    const kept: ConnectionRequest =
      request.type === 'put' ? { ...request, secrets: this.vault.encrypt(request.secrets, owner) } : request;
    return ok(proposeChange(stored, target, id, { ...proposed, request: kept }, ctx));
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
