import type { SettingTransaction, UnitOfWork } from '@redress/domain';
import type { DataSource } from 'typeorm';
import { toVersion } from '../entities/mapping';
import type { UnitOfWorkOptions } from '../unit-of-work/run-with-retries';
import { TypeOrmUnitOfWork } from '../unit-of-work/typeorm-unit-of-work';

/** A table of versions for each kind of setting. */
export type SettingTable = 'approval_policy' | 'reason_codes';

export const latestOf = (table: SettingTable): string =>
  `SELECT * FROM ${table} WHERE tenant_id = $1 ORDER BY version DESC LIMIT 1`;

/** One kind of setting. Each version has a row of its own, so two writers of the same version conflict. */
export const settingUnitOfWork = <Value extends object>(
  table: SettingTable,
  dataSource: DataSource,
  options: UnitOfWorkOptions,
): UnitOfWork<SettingTransaction<Value>> =>
  new TypeOrmUnitOfWork(dataSource, options, ({ rows, replies, onAccept }) => ({
    replies,
    versions: {
      latest: async () => {
        const row = await rows.one(table, {}, { order: { version: 'DESC' } });
        return row ? toVersion<Value>(row) : undefined;
      },
      add: async (version) => onAccept(() => rows.insert(table, version)),
    },
  }));
