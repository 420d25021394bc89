import type { FieldKind } from '@redress/domain';
import type { EntitySchemaColumnOptions } from 'typeorm';

const column = <T extends EntitySchemaColumnOptions['type']>(type: T) => ({ type }) as const;

export const uuid = column('uuid');
export const text = column('text');
export const int4 = column('int4');
export const bool = column('bool');
export const numeric = column('numeric');
export const json = column('json');
export const bytea = column('bytea');
/** To the millisecond, as in every answer. */
export const timestamptz = { ...column('timestamptz'), precision: 3 } as const;
/** Compared byte by byte, in no language. */
export const bytewiseText = { ...text, collation: 'C' } as const;

export const nullable = <C extends EntitySchemaColumnOptions>(options: C) =>
  ({ ...options, nullable: true }) as const;

/** Part of the primary key, beside the tenant. */
export const key = <C extends EntitySchemaColumnOptions>(options: C) =>
  ({ ...options, primary: true }) as const;

/** The first column of every table and of its primary key. Row-level security compares it with the session's tenant. */
export const tenantId = key(bytewiseText);

const columnsOfKind: Readonly<
  Record<FieldKind, (name: string) => Readonly<Record<string, EntitySchemaColumnOptions>>>
> = {
  uuid: (name) => ({ [name]: uuid }),
  text: (name) => ({ [name]: text }),
  count: (name) => ({ [name]: int4 }),
  time: (name) => ({ [name]: timestamptz }),
  json: (name) => ({ [name]: json }),
  money: (name) => ({ [name]: numeric, currency: text }),
};

/** The columns of a domain object's fields, in their order. */
export const fieldColumns = (
  fields: Readonly<Record<string, FieldKind | `${FieldKind}?`>>,
): Record<string, EntitySchemaColumnOptions> =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([field, kind]) => {
      const columns = columnsOfKind[kind.replace('?', '') as FieldKind](snakeCase(field));
      return Object.entries(columns).map(([name, column]) => [
        name,
        kind.endsWith('?') ? nullable(column) : column,
      ]);
    }),
  );

/** assignedTo → assigned_to */
export const snakeCase = (field: string): string =>
  field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
