import { plainToInstance } from 'class-transformer';
import {
  getMetadataStorage,
  validateSync,
  ValidationTypes,
  type ValidationArguments,
  type ValidationError,
} from 'class-validator';
import type { Faults } from '../problems/problem';

export type Shape = new () => object;
type Body = Record<string, unknown>;
type ValidationMetadata = ReturnType<
  ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']
>[number];

type Field = Readonly<{
  /** Whether it may be what it is in this body. */
  isSound: (value: unknown, body: Body) => boolean;
  /** Takes the value from its JSON; where there is none, class-transformer does. */
  read: ((json: unknown) => unknown) | undefined;
}>;

const shapes = new Map<Shape, ReadonlyMap<string, Field>>();

/**
 * The body in its shape, or what is wrong with it. Members that the shape does not know are refused before anything
 * else is done with the body. class-transformer, whose time grows with the square of an object's members, is given the
 * texts, flags and nulls of known fields alone: an object, array or number is taken by the field's own `read`, or as it
 * is. Checks come from the class-validator decorators, which class-validator itself would look up and sort for each body;
 * it is asked only for the sentences, once something is wrong.
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
    else if (field.read) apart[name] = field.read(value);
    else (typeof value === 'object' && value !== null ? apart : plain)[name] = value;
  }
  if (unknown.length) return { faults: unknownMembers(unknown) };
  const body: Body = Object.assign<object, Body>(plainToInstance(shape, plain), apart);
  for (const [name, { isSound }] of fields) {
    if (!isSound(body[name], body)) return { faults: validateSync(body).flatMap(faultsIn) };
  }
  return { body };
}

/** A fault for each of these members, which are not in the shape of the body. */
export function* unknownMembers(names: readonly string[]): Generator<readonly [string, string]> {
  for (const name of names) yield [name, 'is not a known member'];
}

function fieldsOf(shape: Shape): ReadonlyMap<string, Field> {
  const decorators = getMetadataStorage().getTargetValidationMetadatas(shape, '', false, false);
  if (decorators.length === 0 || !decorators.every(isKnown))
    throw new Error(
      `${shape.name} must be decorated with the fields of dto/fields.ts, and with nothing else`,
    );
  const fields = new Map<string, Field>();
  for (const name of new Set(decorators.map(({ propertyName }) => propertyName))) {
    const own = decorators.filter(({ propertyName }) => propertyName === name);
    const conditions = own.filter(({ type }) => type === conditional).map(conditionOf);
    const customs = own.filter(({ type }) => type === custom);
    const checks = customs.flatMap(checksOf);
    fields.set(name, {
      isSound: (value, body) =>
        !conditions.every((applies) => applies(value, body)) || checks.every((check) => check(value, body)),
      read: customs.map(({ constraints }) => (constraints as [Field['read']] | undefined)?.[0]).find(Boolean),
    });
  }
  return fields;
}

const { CONDITIONAL_VALIDATION: conditional, CUSTOM_VALIDATION: custom } = ValidationTypes;

const isKnown = ({
  type,
  each,
  groups,
  validateIf,
}: ValidationMetadata & { validateIf?: unknown }): boolean =>
  (type === conditional || type === custom) && !each && groups.length === 0 && !validateIf;

/** What `ValidateIf` was given. */
const conditionOf = ({ constraints: [applies] }: ValidationMetadata): Field['isSound'] => {
  const asked = applies as (body: Body, value: unknown) => boolean;
  return (value, body) => asked(body, value);
};

/** What `ValidateBy` was given; a promise is no yes. */
const checksOf = ({
  constraintCls,
  propertyName: property,
  constraints,
}: ValidationMetadata): Field['isSound'][] =>
  getMetadataStorage()
    .getTargetValidatorConstraints(constraintCls)
    .map(({ instance }) => (value, object) => {
      const asked: ValidationArguments = { value, object, property, constraints, targetName: '' };
      return instance.validate(value, asked) === true;
    });

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
