import {
  atVersion,
  ok,
  refuse,
  runOnce,
  type CommandMeta,
  type ReplyCodec,
  type Result,
} from '@redress/domain';
import type { ConnectionChange, ConnectionTarget, Sealed, StoredConnection } from './open-connection';
import type { ConnectionPorts, ConnectionTransaction } from './connection-store';
import type { Connectors } from './connectors';
import { addressOf, put, remove, type PutChange, type PutCommand } from './decide';
import { sealedReplies } from './sealed-replies';
import type { Place, SealingKeys } from './aes-vault';

export const placeOf = (tenant: string, { id }: Pick<StoredConnection, 'id'>): Place => ({
  table: 'connection',
  tenant,
  id,
});

/** Connecting a tenant to external systems: load, decide, seal, save, once per idempotency key. */
export class ConnectionDesk {
  constructor(
    private readonly ports: ConnectionPorts,
    private readonly keys: SealingKeys,
    private readonly connectors: Pick<Connectors, 'refusal'>,
  ) {}

  put<A = Result<PutChange>>(
    command: PutCommand,
    meta: CommandMeta<ReplyCodec<PutChange, A>>,
  ): Promise<NoInfer<A>> {
    return runOnce(
      this.ports,
      sealedReplies(this.keys, meta),
      loading(command.target),
      async (stored, tx, ctx) => {
        const current = atVersion(meta, stored && !stored.deletedAt ? stored.version : 0);
        if (!current.ok) return current;
        const { name, url } = addressOf(command.settings);
        const why = this.connectors.refusal(new URL(url));
        if (why) return refuse({ code: 'invalid_value', field: name, problem: `cannot be used: ${why}` });
        const decided = put(command, stored && { stored, ...this.opened(meta.tenant, stored) }, ctx);
        if (!decided.ok) return decided;
        const { state, sealed } = decided.value;
        const secrets = this.keys.seal(sealed, placeOf(meta.tenant, state));
        await tx.connections.save({ ...decided.value, state: { ...state, secrets } });
        return decided;
      },
    );
  }

  remove<A = Result<ConnectionChange>>(
    target: ConnectionTarget,
    meta: CommandMeta<ReplyCodec<ConnectionChange, A>>,
  ): Promise<NoInfer<A>> {
    return runOnce(this.ports, meta, loading(target), async (stored, tx, ctx) => {
      if (!stored || stored.deletedAt) return refuse({ code: 'not_found', what: 'connection', id: target });
      const current = atVersion(meta, stored.version);
      if (!current.ok) return current;
      const change = remove(stored, ctx);
      await tx.connections.save(change);
      return ok(change);
    });
  }

  private opened(tenant: string, stored: StoredConnection): { sealed?: Sealed } {
    if (!stored.secrets) return {};
    return { sealed: this.keys.open(stored.secrets, placeOf(tenant, stored)) as Sealed };
  }
}

const loading = (target: ConnectionTarget) => (tx: ConnectionTransaction) => tx.connections.load(target);
