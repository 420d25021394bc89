import type {
  ConnectionChange,
  ConnectionEvent,
  PutOutcome,
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
  const { secrets } = connection;
  return { ...storedBody(connection), ...(secrets && { sealedWith: vault.keyFor(secrets) }) };
}

/** Of the secrets of a proposed change, too, only the names are shown. */
function storedBody({ secrets: _none, deletedAt: _never, proposed, ...connection }: StoredConnection): Wire {
  if (!proposed) return { source: 'STORED', ...connection };
  const { secrets: _hidden, ...request } = { secrets: undefined, ...proposed.request };
  return { source: 'STORED', ...connection, proposed: { ...proposed, request } };
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
  ({ state, event, issued }: PutOutcome): HttpAnswer => {
    if (state.proposed) return proposedAnswer({ state });
    const body = { ...storedBody(state), sealedWith: 'current', ...(!preview && issued) };
    const isNew = event.type === 'connection.created';
    return HttpAnswer.json(isNew ? 201 : 200, body, {
      etag: etag(state.version),
      ...(isNew && { location: `/v1/connections/${state.target}` }),
    });
  };

/** 202 while a change awaits other people: the connection as it still is; its settings are the proposed ones where there is none. */
const proposedAnswer = ({ state }: Pick<ConnectionChange, 'state'>): HttpAnswer =>
  HttpAnswer.json(202, storedBody(state), { etag: etag(state.deletedAt ? 0 : state.version) });

export const removedAnswer = (change: ConnectionChange): HttpAnswer =>
  change.state.proposed ? proposedAnswer(change) : new HttpAnswer(204, {}, '');

export const changeBody = ({ connectionId: _one, ...event }: ConnectionEvent): Wire => event;
