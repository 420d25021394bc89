import type { Page, PageRequest, SettingVersion } from '@redress/domain';
import type { SettingReads } from '@redress/domain/settings';
import type { TenantPool } from '../database/tenant-pool';
import { readPage, type Ask } from './paging';
import { Parameters } from './parameters';
import { toVersion } from '../entities/mapping';
import { latestOf, type SettingTable } from '../repositories/setting.repository';

export class PostgresSettingReads<Value extends object> implements SettingReads<Value> {
  constructor(
    private readonly pool: TenantPool,
    private readonly table: SettingTable,
  ) {}

  async latest(tenant: string): Promise<SettingVersion<Value> | undefined> {
    const [row] = await this.asking(tenant)(latestOf(this.table), [tenant]);
    return row && toVersion<Value>(row);
  }

  versions(tenant: string, page: PageRequest): Promise<Page<SettingVersion<Value>>> {
    const parameters = new Parameters();
    const where = [`tenant_id = ${parameters.next(tenant, 'text')}`];
    const sort = { expression: 'version', type: 'int4' };
    const listing = { columns: '*', table: this.table, where, sort, page };
    return readPage<SettingVersion<Value>>(this.asking(tenant), parameters, listing, toVersion);
  }

  private asking(tenant: string): Ask {
    return (text, values) => this.pool.use(tenant, (session) => session.query({ text }, values));
  }
}
