import {
  ok,
  once,
  refuse,
  type Answering,
  type CommandMeta,
  type Result,
  type Timestamp,
} from '@redress/domain';
import { encryptedReplies, type Vault } from '@redress/domain/integrations';
import {
  askedAgain,
  change,
  open,
  present,
  remove,
  type Issued,
  type NewEndpoint,
  type PatchedEndpoint,
} from './decide-endpoint';
import type { Delivery, EndpointChange, EndpointPorts, EndpointTransaction } from './endpoint';
import { openSecrets, sealSecrets } from './endpoint-secrets';

/** How many deliveries one command may have made again. */
export const maxReplay = 1000;

export type Replayed = Readonly<{ deliveries: readonly Delivery[] }>;

/** Where a tenant's systems hear of events: load, decide, seal, save, once per idempotency key. */
export class EndpointDesk {
  constructor(
    private readonly ports: EndpointPorts,
    private readonly keys: Vault,
  ) {}

  create<A>(endpoint: NewEndpoint, given: CommandMeta, answer: Answering<Issued, A>): Promise<A> {
    const { meta, answering } = encryptedReplies(this.keys, given, answer);
    return once(
      this.ports,
      meta,
      async () => undefined,
      async (_, tx, ctx) => {
        const opened = open(endpoint, ctx);
        await tx.endpoints.save(this.sealed(meta.tenant, opened));
        return ok(opened);
      },
      answering,
    );
  }

  patch<A>(id: string, patch: PatchedEndpoint, given: CommandMeta, answer: Answering<Issued, A>): Promise<A> {
    const { meta, answering } = encryptedReplies(this.keys, given, answer);
    return once(
      this.ports,
      meta,
      (tx) => tx.endpoints.load(id),
      async (loaded, tx, ctx) => {
        const current = present(loaded, id, meta);
        if (!current.ok) return current;
        const secrets = openSecrets(this.keys, meta.tenant, current.value);
        const changed = change(current.value, secrets, patch, ctx);
        await tx.endpoints.save(this.sealed(meta.tenant, changed));
        return ok(changed);
      },
      answering,
    );
  }

  remove<A>(id: string, meta: CommandMeta, answering: Answering<EndpointChange, A>): Promise<A> {
    return once(
      this.ports,
      meta,
      (tx) => tx.endpoints.load(id),
      async (loaded, tx, ctx) => {
        const current = present(loaded, id, meta);
        if (!current.ok) return current;
        const removed = remove(current.value, ctx);
        await tx.endpoints.save(removed);
        return ok(removed);
      },
      answering,
    );
  }

  /** One that is being sent at this moment stays as it is. */
  replay<A>(id: string, eventId: string, meta: CommandMeta, answering: Answering<Replayed, A>): Promise<A> {
    return this.again(id, meta, answering, async (tx) => {
      const delivery = await tx.deliveries.load(id, eventId);
      return delivery ? ok([delivery]) : refuse({ code: 'not_found', what: 'delivery', id: eventId });
    });
  }

  /** Those of events from the one moment to before the other. */
  replayRange<A>(
    id: string,
    { from, to }: Readonly<{ from: Timestamp; to: Timestamp }>,
    meta: CommandMeta,
    answering: Answering<Replayed, A>,
  ): Promise<A> {
    return this.again(id, meta, answering, async (tx) => {
      if (from >= to)
        return refuse({ code: 'invalid_value', field: 'to', problem: 'must be later than from' });
      const found = await tx.deliveries.within(id, from, to, maxReplay + 1);
      const problem = `is too late: there are more than ${maxReplay} deliveries until then; ask for a shorter time`;
      return found.length > maxReplay ? refuse({ code: 'invalid_value', field: 'to', problem }) : ok(found);
    });
  }

  private again<A>(
    id: string,
    meta: CommandMeta,
    answering: Answering<Replayed, A>,
    find: (tx: EndpointTransaction) => Promise<Result<readonly Delivery[]>>,
  ): Promise<A> {
    return once(
      this.ports,
      meta,
      (tx) => tx.endpoints.load(id),
      async (loaded, tx, ctx) => {
        const current = present(loaded, id, meta);
        if (!current.ok) return current;
        const { state } = current.value;
        if (state === 'DISABLED')
          return refuse({ code: 'not_allowed', command: 'replay', status: state, allowed: ['enable'] });
        const found = await find(tx);
        if (!found.ok) return found;
        const deliveries = found.value.map((delivery) => askedAgain(delivery, ctx.now));
        await tx.deliveries.again(
          deliveries.filter(({ state: now }) => now === 'PENDING'),
          ctx.now,
        );
        return ok({ deliveries });
      },
      answering,
    );
  }

  private sealed(tenant: string, { change: { state, ...rest }, secrets }: Issued): EndpointChange {
    return { ...rest, state: { ...state, secrets: sealSecrets(this.keys, tenant, state.id, secrets) } };
  }
}
