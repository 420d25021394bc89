import { ApiExtraModels, ApiProperty, getSchemaPath } from '@nestjs/swagger';
import { connectorDefinitions } from '@redress/connectors';
import { connectionEvents, connectionTargets, type ConnectionTarget } from '@redress/domain/integrations';
import { proposedRequest, type ProposedRequest } from '../exception-dto/proposed-request';
import { fieldsOf } from './connection-requests';
import { describedField } from '../http/fields';
import { namedClass } from '../http/named-class';
import { always, choice, count, Page, text, when } from '../http/response-fields';

/* What answers about connections look like, for OpenAPI. Of secrets they tell that there are some. */

const settingsOf = (target: ConnectionTarget) => fieldsOf(target).filter(([, { secret }]) => !secret);

/** Connectors whose settings have the same names, such as a webhook and a ledger, share a schema. */
const kinds = connectionTargets
  .filter((target, i) => {
    const names = (of: ConnectionTarget) =>
      settingsOf(of)
        .map(([name]) => name)
        .join();
    return !connectionTargets.slice(0, i).some((before) => names(before) === names(target));
  })
  .map((target) => {
    const shape = namedClass(`${connectorDefinitions[target].api.name}Settings`, class {});
    for (const [name, { optional = false, description, example, schema }] of settingsOf(target))
      describedField({ optional, description, example }, schema)(shape.prototype, name);
    return shape;
  });

export const connectionSources = ['STORED', 'ENVIRONMENT'] as const;
export const sealingStates = ['current', 'old', 'missing'] as const;

@ApiExtraModels(...kinds)
export class ConnectionResponse {
  @always('019c96a0-10d2-7134-ba5f-664142ee7052', {
    description: 'Part of the address that the other side calls.',
  })
  id!: string;
  @choice(connectionTargets, 'JIRA', true) target!: string;
  @choice(connectionSources, 'STORED', true) source!: string;
  @ApiProperty({ type: Boolean, example: true }) enabled!: boolean;
  @ApiProperty({ oneOf: kinds.map((kind) => ({ $ref: getSchemaPath(kind) })) })
  settings!: Record<string, unknown>;
  @ApiProperty({
    type: 'integer',
    minimum: 1,
    required: false,
    example: 1,
    description: 'Grows with every change; also the ETag. A connection of the environment has none.',
  })
  version?: number;
  @ApiProperty({
    enum: sealingStates,
    type: String,
    required: false,
    example: 'current',
    description:
      'Which key its secrets are sealed with: put it again to have an `old` one replaced; with a `missing` one it cannot be used.',
  })
  sealedWith?: string;
  @when(false) createdAt?: string;
  @text('admin@example.com') createdBy?: string;
  @when(false) updatedAt?: string;
  @text('admin@example.com') updatedBy?: string;
  @proposedRequest() proposed?: ProposedRequest;
}

/** The answer to a change of the connection to the ledger, where the approval policy has `ledgerChanges`. */
export const awaitsOthers = {
  status: 202,
  type: ConnectionResponse,
  description: 'Of the ledger: nothing has changed yet, as other people have to ask for the same.',
  etag: true,
};

export class PutConnectionResponse extends ConnectionResponse {
  @text('kq3yXbWvQvXcWm4o1nFJb0m0u1n9xk3m5b0Qm2l8c7E', {
    description: 'What the other side has to sign its calls with. Shown this once.',
  })
  inboundSecret?: string;
  @ApiProperty({
    type: [String],
    required: false,
    description:
      'What requests to a webhook or a ledger are signed with, when it was made here. Shown this once.',
    example: ['whsec_ZXhhbXBsZSBvZiBhIHNlY3JldCwgbm90IGZvciB1c2U='],
  })
  signingSecrets?: string[];
}

export class ConnectionList {
  @ApiProperty({ type: [ConnectionResponse] }) items!: ConnectionResponse[];
}

export class ConnectionChangeResponse {
  @count(2, 'Version of the connection after the change.') version!: number;
  @choice(connectionEvents, 'connection.changed', true)
  type!: string;
  @always('admin@example.com') actor!: string;
  @when() at!: string;
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'object', properties: { from: {}, to: {} } },
    description: 'Of the settings.',
    example: { project: { from: 'RECON', to: 'CARDS' } },
  })
  changes!: Record<string, { from?: unknown; to?: unknown }>;
  @ApiProperty({ type: [String], description: 'Names of the secrets that are new.', example: ['apiToken'] })
  newSecrets!: string[];
}

export class ConnectionChangePage extends Page {
  @ApiProperty({ type: [ConnectionChangeResponse] }) items!: ConnectionChangeResponse[];
}

export class ConnectionTestResponse {
  @ApiProperty({ type: Boolean, example: true, description: 'The other side answered, and took who we are.' })
  ok!: boolean;
  @always('Signed in as redress-bot.') detail!: string;
}
