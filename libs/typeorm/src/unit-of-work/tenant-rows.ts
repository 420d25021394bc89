import type { EntityManager, FindOneOptions, FindOptionsWhere, Repository } from 'typeorm';
import { entitySchemas, type Row, type TableName } from '../entities/entity-schemas';
import { toEntity } from '../entities/mapping';

export type Where = FindOptionsWhere<Row>;

/** The rows of one tenant by TypeORM's repositories, within one transaction. */
export class TenantRows {
  constructor(
    readonly manager: EntityManager,
    readonly tenant: string,
  ) {}

  of(table: TableName): Repository<Row> {
    return this.manager.getRepository<Row>(entitySchemas[table]);
  }

  where(columns: Where): Where {
    return { tenant_id: this.tenant, ...columns };
  }

  one(table: TableName, columns: Where, options: FindOneOptions<Row> = {}): Promise<Row | null> {
    return this.of(table).findOne({ ...options, where: this.where(columns) });
  }

  /** Other transactions wait with changes of the row until this one has ended. */
  locked(table: TableName, columns: Where): Promise<Row | null> {
    return this.one(table, columns, { lock: { mode: 'pessimistic_write' } });
  }

  /** `state` is a domain object, `more` the columns that are no field of it. */
  async insert(table: TableName, state: object, more: Row = {}): Promise<void> {
    await this.of(table).insert({ tenant_id: this.tenant, ...toEntity(table, state), ...more });
  }

  /** Replaces the one row that matches; fails as a lost race when there is none. */
  update(table: TableName, columns: Where, state: object): Promise<void> {
    return this.expectChanged(1, this.of(table).update(this.where(columns), toEntity(table, state)));
  }

  /** Fails as a lost race does when another number of rows was changed. */
  async expectChanged(
    expected: number,
    update: Promise<Readonly<{ affected?: number | undefined }>>,
  ): Promise<void> {
    const { affected } = await update;
    if (affected !== expected)
      throw Object.assign(new Error(`${affected} rows were changed instead of ${expected}`), {
        code: 'RD001',
      });
  }
}
