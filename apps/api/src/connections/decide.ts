import { fieldChanges, ok, type Context, type Result } from '@redress/domain';
import type {
  ConnectionChange,
  ConnectionEvent,
  ConnectionTarget,
  Kinds,
  Sealed,
  Secrets,
  Settings,
  StoredConnection,
} from './open-connection';
import { jiraSecrets, serviceNowSecrets, webhookSecrets } from '../connectors/kit/missing-secret';
import { newInboundSecret } from './inbound-secrets';
import { replacedSecret } from '@redress/domain/integrations';

export type PutCommand = {
  [T in ConnectionTarget]: Readonly<{
    target: T;
    enabled: boolean;
    rotateInboundSecret: boolean;
    settings: Kinds[T]['settings'];
    /** Those that are given; the others stay as they are. */
    secrets: Partial<Kinds[T]['secrets']>;
  }>;
}[ConnectionTarget];

/** The stored connection with its secrets opened; one that was deleted has none. */
export type Current = Readonly<{ stored: StoredConnection; sealed?: Sealed }>;

/** What was made here, and can be shown this once. */
export type Issued = Readonly<{ inboundSecret?: string; signingSecrets?: readonly string[] }>;

export type PutChange = ConnectionChange & Readonly<{ sealed: Sealed; issued: Issued }>;

/** The connection as the command says, which is made where there is none. Sealing is left to whoever has the keys. */
export function put(command: PutCommand, current: Current | undefined, ctx: Context): Result<PutChange> {
  const { target, enabled, settings } = command;
  const earlier = current?.sealed;
  const before = earlier && current.stored;
  const own = secretsAfter(command, current);
  if (!own.ok) return own;
  const sealed: Sealed = { own: own.value, ...inboundAfter(command, earlier, ctx) };
  const basedOn = current?.stored.version ?? 0;
  const state: StoredConnection = {
    id: current?.stored.id ?? ctx.newId(),
    target,
    version: basedOn + 1,
    enabled,
    settings,
    createdAt: before?.createdAt ?? ctx.now,
    createdBy: before?.createdBy ?? ctx.actor,
    updatedAt: ctx.now,
    updatedBy: ctx.actor,
  };
  const issued: Issued = {
    ...(sealed.inbound !== earlier?.inbound && { inboundSecret: sealed.inbound }),
    ...('secrets' in own.value &&
      !earlier &&
      !('secrets' in command.secrets) && { signingSecrets: own.value.secrets }),
  };
  const event: ConnectionEvent = {
    ...eventOf(state, ctx),
    type: before ? 'connection.changed' : 'connection.created',
    changes: fieldChanges(before && told(before), told(state)),
    newSecrets: [...Object.keys(command.secrets), ...Object.keys(issued)],
  };
  return ok({ basedOn, state, event, sealed, issued });
}

/** Nothing is left of its secrets. It keeps its id and its version, so that a later one is not taken for this one. */
export function remove(stored: StoredConnection, ctx: Context): ConnectionChange {
  const { secrets: _gone, ...kept } = stored;
  const state: StoredConnection = {
    ...kept,
    version: stored.version + 1,
    enabled: false,
    updatedAt: ctx.now,
    updatedBy: ctx.actor,
    deletedAt: ctx.now,
  };
  const event = { ...eventOf(state, ctx), type: 'connection.deleted', changes: {}, newSecrets: [] } as const;
  return { basedOn: stored.version, state, event };
}

const eventOf = ({ id, version }: StoredConnection, { actor, now }: Context) => ({
  connectionId: id,
  version,
  actor,
  at: now,
});

/** What of a connection its changes tell. */
const told = ({ enabled, settings }: StoredConnection) => ({ enabled, ...settings });

/** Where things are sent, and the name of the setting that says so. */
export function addressOf(settings: Settings): Readonly<{ name: string; url: string }> {
  if ('site' in settings) return { name: 'site', url: settings.site };
  if ('instance' in settings) return { name: 'instance', url: settings.instance };
  return { name: 'url', url: settings.url };
}

/**
 * Those given, else those kept. Credentials are not kept for another address: whoever may change the address could
 * have them sent to a place of their own. What requests are signed with is never sent.
 */
function secretsAfter(command: PutCommand, current: Current | undefined): Result<Secrets> {
  const kept = current?.sealed?.own;
  const atSameAddress =
    current && addressOf(current.stored.settings).url === addressOf(command.settings).url ? kept : undefined;
  // What is kept for a target is of the kind of that target.
  switch (command.target) {
    case 'JIRA':
      return jiraSecrets(command.secrets, atSameAddress as Kinds['JIRA']['secrets'] | undefined);
    case 'SERVICENOW':
      return serviceNowSecrets(
        command.settings,
        command.secrets,
        atSameAddress as Kinds['SERVICENOW']['secrets'] | undefined,
      );
    case 'WEBHOOK':
    case 'LEDGER':
      return ok(webhookSecrets(command.secrets, kept as Kinds['WEBHOOK']['secrets'] | undefined));
  }
}

function inboundAfter(
  { target, rotateInboundSecret }: PutCommand,
  earlier: Sealed | undefined,
  { now }: Context,
): Omit<Sealed, 'own'> {
  if (!earlier) return { inbound: newInboundSecret(target) };
  if (rotateInboundSecret)
    return { inbound: newInboundSecret(target), previousInbound: replacedSecret(earlier.inbound, now) };
  const { inbound, previousInbound } = earlier;
  return { inbound, ...(previousInbound && { previousInbound }) };
}
