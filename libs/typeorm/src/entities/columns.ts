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
