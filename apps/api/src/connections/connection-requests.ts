import { connectorDefinitions, type ConnectionField } from '@redress/connectors';
import { connectionTargets, type ConnectionTarget } from '@redress/domain/integrations';
import { field, Flag } from '../http/fields';
import { plainJson } from '@redress/formats';
import { namedClass } from '../http/named-class';

/*
 * What a connection is put with, made of the fields of its connector. Settings can be read again, secrets cannot: one that
 * is left out stays as it is.
 */

export class PutConnection {
  @Flag({ optional: true, example: true, description: 'Whether it is used; true when absent.' })
  enabled?: boolean;

  @Flag({
    optional: true,
    example: false,
    description:
      'Make a new secret for calls to us, and show it this once. The one before holds for 24 hours.',
  })
  rotateInboundSecret?: boolean;
}

export const fieldsOf = (target: ConnectionTarget): [name: string, field: ConnectionField][] =>
  Object.entries<ConnectionField>(connectorDefinitions[target].fields);

/** Settings of any JSON, such as further fields of a ticket, are kept and sent with plain numbers. */
const numbersIn = ({ additionalProperties }: ConnectionField['schema']) =>
  additionalProperties === true ? { read: plainJson } : {};

function shapeOf(target: ConnectionTarget): new () => PutConnection {
  const shape = namedClass(
    `Put${connectorDefinitions[target].api.name}Connection`,
    class extends PutConnection {},
  );
  for (const [name, { problem, optional = false, schema, description, example }] of fieldsOf(target))
    field(
      name,
      problem,
      { optional, description, example, ...numbersIn(schema) },
      schema,
    )(shape.prototype, name);
  return shape;
}

/** target → the shape of the body that connects to it. */
export const putConnectionShapes = Object.fromEntries(
  connectionTargets.map((target) => [target, shapeOf(target)]),
) as Readonly<Record<ConnectionTarget, new () => PutConnection>>;
