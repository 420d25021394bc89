import {
  ok,
  refuse,
  atVersion,
  type CommandMeta,
  type Context,
  type Result,
  type Timestamp,
} from '@redress/domain';
import type { Delivery, EndpointChange, EndpointSecrets, WebhookEndpoint } from './endpoint';
import { newSecrets, rotated } from './endpoint-secrets';

/** The types an endpoint is to hear of; this one stands for all. */
export const everyType = '*';

export type NewEndpoint = Readonly<{ url: string; events?: readonly string[]; description?: string }>;
export type PatchedEndpoint = Partial<NewEndpoint> & Readonly<{ enabled?: boolean; rotateSecret?: boolean }>;

/** A change, the secrets it leaves behind, and the one that was made and can be shown this once. */
export type Issued = Readonly<{ change: EndpointChange; secrets: EndpointSecrets; shown?: string }>;

export function open({ url, events, description }: NewEndpoint, ctx: Context): Issued {
  const secrets = newSecrets();
  const state: WebhookEndpoint = {
    id: ctx.newId(),
    version: 1,
    url,
    ...heard(events),
    ...(description !== undefined && { description }),
    state: 'ENABLED',
    createdAt: ctx.now,
    createdBy: ctx.actor,
    updatedAt: ctx.now,
    updatedBy: ctx.actor,
  };
  return { change: { basedOn: 0, state }, secrets, shown: secrets.current };
}

export function change(
  before: WebhookEndpoint,
  secrets: EndpointSecrets,
  { url = before.url, events, description, enabled, rotateSecret }: PatchedEndpoint,
  ctx: Context,
): Issued {
  const { events: earlier, disabledReason, ...kept } = before;
  const after = rotateSecret ? rotated(secrets, ctx.now) : secrets;
  const isEnabled = enabled ?? before.state === 'ENABLED';
  const reason = disabledReason ?? `${ctx.actor} switched it off.`;
  const state: WebhookEndpoint = {
    ...kept,
    version: before.version + 1,
    url,
    ...(events ? heard(events) : earlier && { events: earlier }),
    ...(description !== undefined && { description }),
    ...(isEnabled ? { state: 'ENABLED' } : { state: 'DISABLED', disabledReason: reason }),
    updatedAt: ctx.now,
    updatedBy: ctx.actor,
  };
  return {
    change: { basedOn: before.version, state, skipsDeliveries: !isEnabled },
    secrets: after,
    ...(rotateSecret && { shown: after.current }),
  };
}

/** Nothing is left of its secrets, and nothing is sent any more; what was delivered can still be told. */
export function remove({ secrets: _gone, ...before }: WebhookEndpoint, ctx: Context): EndpointChange {
  const state: WebhookEndpoint = {
    ...before,
    version: before.version + 1,
    updatedAt: ctx.now,
    updatedBy: ctx.actor,
    deletedAt: ctx.now,
  };
  return { basedOn: before.version, state, skipsDeliveries: true };
}

type Present = WebhookEndpoint & Readonly<{ secrets: Buffer }>;

/** The endpoint, if it is there and at the version that was meant. */
export function present(
  loaded: WebhookEndpoint | undefined,
  id: string,
  meta: Pick<CommandMeta, 'expectedVersion'>,
): Result<Present> {
  if (!loaded?.secrets) return refuse({ code: 'not_found', what: 'webhook_endpoint', id });
  const current = atVersion(meta, loaded.version);
  return current.ok ? ok(loaded as Present) : current;
}

/** To be sent again at once; one that is being sent at this moment stays as it is. */
export const askedAgain = (delivery: Delivery, now: Timestamp): Delivery =>
  delivery.state === 'SENDING'
    ? delivery
    : { ...delivery, state: 'PENDING', nextAttemptAt: now, attemptsBefore: delivery.attempts };

const heard = (events: readonly string[] | undefined) =>
  events && !events.includes(everyType) ? { events: [...new Set(events)] } : {};
