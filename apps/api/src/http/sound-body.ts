import { plainToInstance } from 'class-transformer';
import { getMetadataStorage, ValidationTypes, type ValidationArguments } from 'class-validator';

type Shape = new () => object;
type Body = Record<string, unknown>;
type ValidationMetadata = ReturnType<
  ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']
>[number];

/** Whether a field may be what it is in this body. */
type Field = (value: unknown, body: Body) => boolean;

const shapes = new Map<Shape, ReadonlyMap<string, Field> | undefined>();

/**
 * The body in its shape when nothing is wrong with it, else undefined: what is wrong is class-validator's to tell. It
 * goes by the same decorators, which class-validator looks up, sorts and prepares to tell of anew for every body.
 */
export function soundBody(shape: Shape, value: object): object | undefined {
  if (!shapes.has(shape)) shapes.set(shape, fieldsOf(shape));
  const fields = shapes.get(shape);
  if (!fields) return undefined;
  for (const name in value) if (!fields.has(name)) return undefined;
  const body = plainToInstance(shape, value) as Body;
  for (const [name, isSound] of fields) if (!isSound(body[name], body)) return undefined;
  return body;
}

/** The fields of a shape, unless it is decorated with more than this knows of. */
function fieldsOf(shape: Shape): ReadonlyMap<string, Field> | undefined {
  const decorators = getMetadataStorage().getTargetValidationMetadatas(shape, '', false, false);
  if (decorators.length === 0 || !decorators.every(isKnown)) return undefined;
  const fields = new Map<string, Field>();
  for (const name of new Set(decorators.map(({ propertyName }) => propertyName))) {
    const own = decorators.filter(({ propertyName }) => propertyName === name);
    const conditions = own.filter(({ type }) => type === conditional).map(conditionOf);
    const checks = own.filter(({ type }) => type === custom).flatMap(checksOf);
    fields.set(
      name,
      (value, body) =>
        !conditions.every((applies) => applies(value, body)) || checks.every((check) => check(value, body)),
    );
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
const conditionOf = ({ constraints: [applies] }: ValidationMetadata): Field => {
  const asked = applies as (body: Body, value: unknown) => boolean;
  return (value, body) => asked(body, value);
};

/** What `ValidateBy` was given; a promise is no yes. */
const checksOf = ({ constraintCls, propertyName: property, constraints }: ValidationMetadata): Field[] =>
  getMetadataStorage()
    .getTargetValidatorConstraints(constraintCls)
    .map(({ instance }) => (value, object) => {
      const asked: ValidationArguments = { value, object, property, constraints, targetName: '' };
      return instance.validate(value, asked) === true;
    });
