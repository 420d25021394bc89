import type { Context } from '../change';
import type { EndpointPorts, EndpointTransaction } from '../ports/endpoint-store';
import type { ConnectorCatalog } from '../ports/connectors';
import type { SecretGenerator, Vault } from '../ports/vault';
import { ok, refuse, type Result } from '../result';
import type { Timestamp } from '../value/timestamp';
import {
  changeEndpoint,
  openEndpoint,
  removeEndpoint,
  type EndpointContext,
  type EndpointPatch,
  type IssuedEndpoint,
  type NewEndpoint,
} from '../webhook/decide-endpoint';
import type { Delivery } from '../webhook/delivery';
import type { EndpointChange } from '../webhook/endpoint';
import { addressRefusal } from './address-refusal';
import { maxEndpoints, tooManyEndpoints } from './endpoint-limit';
import { existingEndpoint, type ExistingEndpoint } from './existing-endpoint';
import { encryptedReplies } from './encrypted-replies';
import { decryptSecrets, encryptSecrets } from './endpoint-secrets';
import { deliveriesWithin, replayDeliveries, type Replayed } from './replay-deliveries';
import type { CommandMeta, ReplyCodec } from './command-meta';
import { runOnce } from './use-case';

/** Commands to webhook endpoints: load, decide, encrypt, save, once per idempotency key. */
export class WebhookEndpointDesk {
  constructor(
    private readonly ports: EndpointPorts,
    private readonly vault: Vault,
    private readonly generator: Pick<SecretGenerator, 'signingSecret'>,
    private readonly addresses: Pick<ConnectorCatalog, 'addressProblem'>,
  ) {}

  /** Creates an endpoint. The result has the signing secret, which is shown only here. */
  async create<A = Result<IssuedEndpoint>>(
    endpoint: NewEndpoint,
    given: CommandMeta<ReplyCodec<IssuedEndpoint, A>>,
  ): Promise<NoInfer<A>> {
    const meta = encryptedReplies(this.vault, given);
    const forbidden = await addressRefusal(this.addresses, endpoint.url);
    return runOnce(
      this.ports,
      meta,
      (tx) => tx.endpoints.count(),
      async (count, tx, ctx) => {
        if (forbidden) return refuse(forbidden);
        if (count >= maxEndpoints) return refuse(tooManyEndpoints);
        const opened = openEndpoint(endpoint, this.withSecrets(ctx));
        await tx.endpoints.save(this.encrypted(meta.tenant, opened));
        return ok(opened);
      },
    );
  }

  /**
   * Changes an endpoint. With `rotateSecret` the result has the new signing secret, which is shown only here; the
   * secret before it stays valid for 24 hours.
   */
  async patch<A = Result<IssuedEndpoint>>(
    id: string,
    patch: EndpointPatch,
    given: CommandMeta<ReplyCodec<IssuedEndpoint, A>>,
  ): Promise<NoInfer<A>> {
    const meta = encryptedReplies(this.vault, given);
    const forbidden = await addressRefusal(this.addresses, patch.url);
    return this.onExisting(id, meta, async (endpoint, tx, ctx) => {
      if (forbidden) return refuse(forbidden);
      const secrets = decryptSecrets(this.vault, meta.tenant, endpoint);
      const changed = changeEndpoint(endpoint, secrets, patch, this.withSecrets(ctx));
      await tx.endpoints.save(this.encrypted(meta.tenant, changed));
      return ok(changed);
    });
  }

  /** Deletes an endpoint. Its deliveries that are not sent yet are skipped; those that were made can still be listed. */
  remove<A = Result<EndpointChange>>(
    id: string,
    meta: CommandMeta<ReplyCodec<EndpointChange, A>>,
  ): Promise<NoInfer<A>> {
    return this.onExisting(id, meta, async (endpoint, tx, ctx) => {
      const removed = removeEndpoint(endpoint, ctx);
      await tx.endpoints.save(removed);
      return ok(removed);
    });
  }

  /** Sends one event again. A delivery that is being sent at this moment stays as it is. */
  replay<A = Result<Replayed>>(
    id: string,
    eventId: string,
    meta: CommandMeta<ReplyCodec<Replayed, A>>,
  ): Promise<NoInfer<A>> {
    return this.again(id, meta, async (tx) => {
      const delivery = await tx.deliveries.load(id, eventId);
      return delivery ? ok([delivery]) : refuse({ code: 'not_found', what: 'delivery', id: eventId });
    });
  }

  /** Sends the events from `from` to before `to` again, at most `maxReplay` of them. */
  replayRange<A = Result<Replayed>>(
    id: string,
    { from, to }: Readonly<{ from: Timestamp; to: Timestamp }>,
    meta: CommandMeta<ReplyCodec<Replayed, A>>,
  ): Promise<NoInfer<A>> {
    return this.again(id, meta, (tx) => deliveriesWithin(tx, id, { from, to }));
  }

  private again<A>(
    id: string,
    meta: CommandMeta<ReplyCodec<Replayed, A>>,
    find: (tx: EndpointTransaction) => Promise<Result<readonly Delivery[]>>,
  ): Promise<NoInfer<A>> {
    return this.onExisting(id, meta, (endpoint, tx, ctx) => replayDeliveries(endpoint, tx, ctx, find));
  }

  /** Runs `work` on an endpoint that exists and is at the version that was asked for. */
  private onExisting<T, A>(
    id: string,
    meta: CommandMeta<ReplyCodec<T, A>>,
    work: (endpoint: ExistingEndpoint, tx: EndpointTransaction, ctx: Context) => Promise<Result<T>>,
  ): Promise<NoInfer<A>> {
    return runOnce(
      this.ports,
      meta,
      (tx) => tx.endpoints.load(id),
      async (loaded, tx, ctx) => {
        const current = existingEndpoint(loaded, id, meta);
        return current.ok ? work(current.value, tx, ctx) : current;
      },
    );
  }

  private withSecrets(ctx: Context): EndpointContext {
    return { ...ctx, signingSecret: () => this.generator.signingSecret() };
  }

  private encrypted(tenant: string, { change: { state, ...rest }, secrets }: IssuedEndpoint): EndpointChange {
    return { ...rest, state: { ...state, secrets: encryptSecrets(this.vault, tenant, state, secrets) } };
  }
}
