import type { Context } from '../change';
import { replacedSecret } from '../value/secret-rotation';
import type { Timestamp } from '../value/timestamp';
import type { EndpointChange, EndpointSecrets, WebhookEndpoint } from './endpoint';

/** In a list of types of events, it stands for all types. */
export const everyType = '*';

/**
 * A webhook endpoint to create. `url` is https, unless the operator allows another address; without `events` it gets
 * events of every type.
 */
export type NewEndpoint = Readonly<{ url: string; events?: readonly string[]; description?: string }>;
/** A change of a webhook endpoint. A field that is left out stays as it is. */
export type EndpointPatch = Partial<NewEndpoint> & Readonly<{ enabled?: boolean; rotateSecret?: boolean }>;

/** What a decision about an endpoint is given: the context of the command, and a source of new signing secrets. */
export type EndpointContext = Context &
  Readonly<{
    /** A new secret, as Standard Webhooks has them: `whsec_` and at least 24 random bytes in base64. */
    signingSecret: () => string;
  }>;

/** A change and the secrets after it, still to be encrypted. `shown` is the new secret, which is shown only once. */
export type IssuedEndpoint = Readonly<{ change: EndpointChange; secrets: EndpointSecrets; shown?: string }>;

/** A new, enabled endpoint with a signing secret. */
export function openEndpoint(
  { url, events, description }: NewEndpoint,
  ctx: EndpointContext,
): IssuedEndpoint {
  const secrets = { current: ctx.signingSecret() };
  const state: WebhookEndpoint = {
    id: ctx.newId(),
    version: 1,
    url,
    ...subscribed(events),
    ...(description !== undefined && { description }),
    state: 'ENABLED',
    createdAt: ctx.now,
    createdBy: ctx.actor,
    updatedAt: ctx.now,
    updatedBy: ctx.actor,
  };
  return { change: { basedOn: 0, state }, secrets, shown: secrets.current };
}

/** The effect of a patch on an endpoint. A replaced secret stays valid for 24 hours. */
export function changeEndpoint(
  before: WebhookEndpoint,
  secrets: EndpointSecrets,
  { url = before.url, events, description, enabled, rotateSecret }: EndpointPatch,
  ctx: EndpointContext,
): IssuedEndpoint {
  const { events: earlier, disabledReason, ...kept } = before;
  const after: EndpointSecrets = rotateSecret
    ? { current: ctx.signingSecret(), previous: replacedSecret(secrets.current, ctx.now) }
    : secrets;
  const isEnabled = enabled ?? before.state === 'ENABLED';
  const reason = disabledReason ?? `${ctx.actor} switched it off.`;
  const state: WebhookEndpoint = {
    ...kept,
    version: before.version + 1,
    url,
    ...(events ? subscribed(events) : earlier && { events: earlier }),
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

/** Its secrets are removed and nothing is sent to it any more; its deliveries stay, and can still be listed. */
export function removeEndpoint(
  { secrets: _removed, ...before }: WebhookEndpoint,
  ctx: Context,
): EndpointChange {
  const state: WebhookEndpoint = {
    ...before,
    version: before.version + 1,
    updatedAt: ctx.now,
    updatedBy: ctx.actor,
    deletedAt: ctx.now,
  };
  return { basedOn: before.version, state, skipsDeliveries: true };
}

/** The service itself disables an endpoint: one that answered 410. One that is not enabled stays as it is. */
export const disableEndpoint = (
  before: WebhookEndpoint,
  reason: string,
  now: Timestamp,
): WebhookEndpoint | undefined =>
  before.state === 'ENABLED' && !before.deletedAt
    ? {
        ...before,
        version: before.version + 1,
        state: 'DISABLED',
        disabledReason: reason,
        updatedAt: now,
        updatedBy: 'redress',
      }
    : undefined;

const subscribed = (events: readonly string[] | undefined) =>
  events && !events.includes(everyType) ? { events: [...new Set(events)] } : {};
