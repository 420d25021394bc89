import { plainToInstance } from 'class-transformer';
import { getMetadataStorage, validateSync, ValidationTypes, type ValidationError } from 'class-validator';
import { isNotGiven } from '@redress/formats';
import type { Faults } from '../problems/problem';

export type Shape = new () => object;
type Body = Record<string, unknown>;
type Field = Readonly<{
  optional: boolean;
  /** Takes the field's value from its JSON; where there is none, class-transformer does. */
  read: ((json: unknown) => unknown) | undefined;
}>;

const shapes = new Map<Shape, ReadonlyMap<string, Field>>();

/**
 * The body in its shape, or what is wrong with it, as class-validator says. Members that the shape does not know are refused
 * before anything else is done with the body. An optional field that is null or "" is not given. class-transformer, whose time grows with the square of an object's members, is
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
    const field = fields.get(name);
    if (!field) unknown.push(name);
    else if (field.optional && isNotGiven(value)) continue;
    else if (field.read) apart[name] = field.read(value);
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
function fieldsOf(shape: Shape): ReadonlyMap<string, Field> {
  const decorators = getMetadataStorage().getTargetValidationMetadatas(shape, '', false, false);
  if (decorators.length === 0)
    throw new Error(`${shape.name} must be decorated with fields of http/fields.ts`);
  const fields = new Map<string, Field>();
  for (const { propertyName, type, constraints } of decorators) {
    const known = fields.get(propertyName);
    // What `ValidateBy` was given: http/fields.ts says there how the field is read.
    const given = type === ValidationTypes.CUSTOM_VALIDATION ? (constraints as [Field['read']?]) : undefined;
    fields.set(propertyName, {
      // http/fields.ts has optional fields checked on a condition.
      optional: type === ValidationTypes.CONDITIONAL_VALIDATION || known?.optional === true,
      read: given?.[0] ?? known?.read,
    });
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
