import { fieldChanges, type Context } from '../change';
import type { ProposedRequest } from '../resolution/approval';
import { isSameJson } from '../resolution/dual-control';
import type { ConnectionChange, ConnectionRequest, ConnectionTarget, StoredConnection } from './connection';
import type { PutConnection } from './decide-connection';

/** The request of a put, with its secrets as they were given. */
export const putRequest = ({
  enabled,
  rotateInboundSecret,
  settings,
  secrets,
}: PutConnection): ConnectionRequest<PutConnection['secrets']> => ({
  ...{ type: 'put', enabled, rotateInboundSecret, settings },
  ...{ newSecrets: Object.keys(secrets), secrets },
});

/** Whether a put leaves everything as it is. It takes no other person, and drops what is proposed. */
export const changesNothing = (
  stored: StoredConnection | undefined,
  { enabled, rotateInboundSecret, settings, secrets }: PutConnection,
): boolean =>
  stored?.deletedAt === undefined &&
  stored?.enabled === enabled &&
  isSameJson(stored.settings, settings) &&
  !rotateInboundSecret &&
  Object.keys(secrets).length === 0;

/**
 * The change that keeps a request until other people have made it as well. Where there is no connection yet, its row is
 * that of a deleted one until then.
 */
export function proposeChange(
  stored: StoredConnection | undefined,
  target: ConnectionTarget,
  id: string,
  proposed: ProposedRequest<ConnectionRequest>,
  ctx: Context,
): ConnectionChange {
  const { request } = proposed;
  const isPut = request.type === 'put';
  const made: StoredConnection = {
    ...{ id, target, version: 0, enabled: false, settings: isPut ? request.settings : {} },
    ...{ createdAt: ctx.now, createdBy: ctx.actor, updatedAt: ctx.now, updatedBy: ctx.actor },
    deletedAt: ctx.now,
  };
  const before = stored ?? made;
  const state = { ...before, version: before.version + 1, proposed };
  const { enabled, settings } = before;
  const after = isPut ? { enabled: request.enabled, ...request.settings } : {};
  return {
    basedOn: before.version,
    state,
    event: {
      ...{ connectionId: state.id, version: state.version, actor: ctx.actor, at: ctx.now },
      type: isPut ? 'connection.change_proposed' : 'connection.deletion_proposed',
      changes: isPut ? fieldChanges(stored && { enabled, ...settings }, after) : {},
      newSecrets: isPut ? request.newSecrets : [],
    },
  };
}
