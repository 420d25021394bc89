import { EntitySchema, type ColumnType, type EntitySchemaColumnOptions } from 'typeorm';
import { tables, type TableName } from './entity-schemas';

/** The same list as TypeORM entities, which the drift test compares with the database. */
export const entities = (Object.keys(tables) as TableName[]).map((table) => {
  const key: readonly string[] = tables[table].key;
  const entry = (name: string, type: string): [string, EntitySchemaColumnOptions] => [
    name,
    {
      type: type.replace('?', '') as ColumnType,
      primary: name === 'tenant_id' || key.includes(name),
      nullable: type.endsWith('?'),
      ...(type.startsWith('timestamptz') && { precision: 3 }),
      // Compared byte by byte, which is all that is ever asked of them.
      ...((name === 'tenant_id' || name === 'key') && { collation: 'C' }),
    },
  ];
  const columns = [
    entry('tenant_id', 'text'),
    ...Object.entries(tables[table].columns).map(([n, t]) => entry(n, t)),
  ];
  return new EntitySchema({ name: table, tableName: table, columns: Object.fromEntries(columns) });
});
