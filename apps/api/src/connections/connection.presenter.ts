import type {
  ConnectionChange,
  ConnectionEvent,
  PutConnectionChange,
  StoredConnection,
} from '@redress/domain/integrations';
import type { AesVault, OpenConnection } from '@redress/connectors';
import { etag } from '../http/conditional';
import { HttpAnswer } from '../http/http-answer';

/* Presenters of connections: their settings, and of their secrets only which key they are encrypted with. */

type Wire = Record<string, unknown>;
type KeyFor = Pick<AesVault, 'keyFor'>;

export function connectionBody(connection: StoredConnection | OpenConnection, vault: KeyFor): Wire {
  const { id, target, settings } = connection;
  if (!('version' in connection)) return { id, target, source: 'ENVIRONMENT', enabled: true, settings };
  const { enabled, version, secrets, createdAt, createdBy, updatedAt, updatedBy } = connection;
  return {
    ...{ id, target, source: 'STORED', enabled, settings, version },
    ...(secrets && { sealedWith: vault.keyFor(secrets) }),
    ...{ createdAt, createdBy, updatedAt, updatedBy },
  };
}

export const connectionAnswer = (connection: StoredConnection | OpenConnection, vault: KeyFor): HttpAnswer =>
  HttpAnswer.json(
    200,
    connectionBody(connection, vault),
    'version' in connection ? { etag: etag(connection.version) } : {},
  );

/** 201 for a new one. A preview makes nothing, so it has nothing to show either. */
export const putAnswer =
  (preview = false) =>
  ({ state, event, issued }: PutConnectionChange): HttpAnswer => {
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
