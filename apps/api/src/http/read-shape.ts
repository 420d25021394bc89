import { plainToInstance } from 'class-transformer';
import { getMetadataStorage, validateSync, ValidationTypes, type ValidationError } from 'class-validator';
import type { Faults } from '../problems/problem';

export type Shape = new () => object;
type Body = Record<string, unknown>;
/** Takes a field's value from its JSON; where there is none, class-transformer does. */
type ReadField = ((json: unknown) => unknown) | undefined;

const shapes = new Map<Shape, ReadonlyMap<string, ReadField>>();

/**
 * The body in its shape, or what is wrong with it, as class-validator says. Members that the shape does not know are refused
 * before anything else is done with the body. class-transformer, whose time grows with the square of an object's members, is
 * given the texts, flags and nulls of known fields alone: an object, array or number is taken by the field's own `read`, or
 * as it is.
 */
export function readShape(shape: Shape, given: object): { body: object } | { faults: Faults } {
  let fields = shapes.get(shape);
  if (!fields) shapes.set(shape, (fields = fieldsOf(shape)));
  const unknown: string[] = [];
  const plain: Body = {};
  const apart: Body = {};
  for (const [name, value] of Object.entries(given)) {
    const read = fields.get(name);
    if (read) apart[name] = read(value);
    else if (!fields.has(name)) unknown.push(name);
    else (typeof value === 'object' && value !== null ? apart : plain)[name] = value;
  }
  if (unknown.length) return { faults: unknownMembers(unknown) };
  const body = Object.assign(plainToInstance(shape, plain), apart);
  const errors = validateSync(body);
  return errors.length ? { faults: errors.flatMap(faultsIn) } : { body };
}

/** A fault for each of these members, which are not in the shape of the body. */
export function* unknownMembers(names: readonly string[]): Generator<readonly [string, string]> {
  for (const name of names) yield [name, 'is not a known member'];
}

/** The members that a shape knows are the properties that class-validator has to check. */
function fieldsOf(shape: Shape): ReadonlyMap<string, ReadField> {
  const decorators = getMetadataStorage().getTargetValidationMetadatas(shape, '', false, false);
  if (decorators.length === 0)
    throw new Error(`${shape.name} must be decorated with fields of http/fields.ts`);
  const fields = new Map<string, ReadField>();
  for (const { propertyName, type, constraints } of decorators) {
    // What `ValidateBy` was given: http/fields.ts says there how the field is read.
    const given = type === ValidationTypes.CUSTOM_VALIDATION ? (constraints as [ReadField?] | undefined) : [];
    const read = given?.[0];
    fields.set(propertyName, read ?? fields.get(propertyName));
  }
  return fields;
}

/** The first thing that is wrong with the field. */
const faultsIn = ({ property, constraints = {} }: ValidationError): [string, string][] =>
  Object.values(constraints)
    .slice(0, 1)
    .map((problem) => located(property, problem));

/** What is wrong may lie deeper, and then says where: `[3].amount is required` of `counterparts`. */
function located(property: string, problem: string): [string, string] {
  const [, place = '', what = problem] = /^(\[\d+\](?:\.\w+)?) ([^]*)$/.exec(problem) ?? [];
  return [property + place, what];
}
