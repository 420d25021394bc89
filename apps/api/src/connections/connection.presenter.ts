import type { ConnectionChange, ConnectionEvent, OpenConnection, StoredConnection } from './open-connection';
import type { PutChange } from './decide';
import type { SealingKeys } from './aes-vault';
import { etag } from '../http/conditional';
import { HttpAnswer } from '../http/http-answer';

/* How connections read on the wire: settings, and of secrets nothing but what key they are sealed with. */

type Wire = Record<string, unknown>;
type KeyFor = Pick<SealingKeys, 'keyFor'>;

export function connectionBody(connection: StoredConnection | OpenConnection, keys: KeyFor): Wire {
  const { id, target, settings } = connection;
  if (!('version' in connection)) return { id, target, source: 'ENVIRONMENT', enabled: true, settings };
  const { enabled, version, secrets, createdAt, createdBy, updatedAt, updatedBy } = connection;
  return {
    ...{ id, target, source: 'STORED', enabled, settings, version },
    ...(secrets && { sealedWith: keys.keyFor(secrets) }),
    ...{ createdAt, createdBy, updatedAt, updatedBy },
  };
}

export const connectionAnswer = (connection: StoredConnection | OpenConnection, keys: KeyFor): HttpAnswer =>
  HttpAnswer.json(
    200,
    connectionBody(connection, keys),
    'version' in connection ? { etag: etag(connection.version) } : {},
  );

/** 201 for a new one. A preview makes nothing, so it has nothing to show either. */
export const putAnswer =
  (preview = false) =>
  ({ state, event, issued }: PutChange): HttpAnswer => {
    const { id, target, settings, enabled, version, createdAt, createdBy, updatedAt, updatedBy } = state;
    const body = {
      ...{ id, target, source: 'STORED', enabled, settings, version, sealedWith: 'current' },
      ...{ createdAt, createdBy, updatedAt, updatedBy },
      ...(!preview && issued),
    };
    const isNew = event.type === 'connection.created';
    return HttpAnswer.json(isNew ? 201 : 200, body, {
      etag: etag(version),
      ...(isNew && { location: `/v1/connections/${target}` }),
    });
  };

export const removedAnswer = (_change: ConnectionChange): HttpAnswer => new HttpAnswer(204, {}, '');

export const changeBody = ({ connectionId: _one, ...event }: ConnectionEvent): Wire => event;
