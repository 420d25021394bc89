import { Body, Put } from '@nestjs/common';
import { connectorDefinitions } from '@redress/connectors';
import {
  connectionTargets,
  type ConnectionSettings,
  type ConnectionTarget,
  type ConnectorSecrets,
} from '@redress/domain/integrations';
import type { HttpAnswer } from '../http/http-answer';
import { Context, type RequestContext } from '../http/request-context';
import { addRoute } from '../http/add-route';
import { CommandRoute } from '../idempotency/command-route';
import { fieldsOf, putConnectionShapes, type PutConnection } from './connection-requests';
import { awaitsOthers, PutConnectionResponse } from './connection-responses';

type Putting = Readonly<{
  put(target: ConnectionTarget, body: PutConnection, context: RequestContext): Promise<HttpAnswer>;
}>;

/** Class decorator: gives a controller the route `PUT` of every connector in the registry. */
export const PutConnectionRoutes = () => (controller: new (...args: never[]) => Putting) => {
  for (const target of connectionTargets) {
    const { name, system, settings } = connectorDefinitions[target].api;
    addRoute(controller, `put${name}`, {
      handler(this: Putting, body: PutConnection, context: RequestContext) {
        return this.put(target, body, context);
      },
      parameters: [
        { decorator: Body(), type: putConnectionShapes[target] },
        { decorator: Context(), type: Object },
      ],
      decorators: [
        Put(target),
        CommandRoute({
          id: `put${name}Connection`,
          summary: `Connect to ${system}, or change how`,
          description:
            `Replaces all settings; a secret that is left out stays as it is. ${settings} ` +
            'An address to which nothing may be sent is refused. Only what is stored here can be changed here.',
          scope: 'admin',
          answers: [
            {
              status: 200,
              type: PutConnectionResponse,
              description: 'The connection as it is now.',
              etag: true,
            },
            { status: 201, type: PutConnectionResponse, description: 'The new connection.', etag: true },
            ...(target === 'LEDGER' ? [awaitsOthers] : []),
          ],
          refusals: target === 'LEDGER' ? ['own_proposal', 'already_approved'] : [],
          failures: ['secrets_key_missing', 'secrets_unreadable'],
        }),
      ],
    });
  }
};

/** The members of a checked body, apart: settings, and the secrets that were given. */
export function settingsAndSecrets(
  target: ConnectionTarget,
  members: Readonly<Record<string, unknown>>,
): { settings: ConnectionSettings; secrets: Partial<ConnectorSecrets> } {
  const isSecret = new Set(fieldsOf(target).flatMap(([name, { secret }]) => (secret ? [name] : [])));
  const entries = Object.entries(members).filter(([, value]) => value !== undefined);
  // The checks of the connector's fields let pass what their settings and secrets may be.
  return {
    settings: Object.fromEntries(entries.filter(([name]) => !isSecret.has(name))) as ConnectionSettings,
    secrets: Object.fromEntries(entries.filter(([name]) => isSecret.has(name))) as ConnectorSecrets,
  };
}
