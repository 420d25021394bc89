import { DataSource } from 'typeorm';
import { deskMigrations as migrations } from '../../libs/typeorm/src/migrations/migrate';

/** Brings a migrated database to what it was before this migration. */
export async function undoFrom(url: string, migration: (typeof migrations)[number]): Promise<void> {
  const options = { migrations: [...migrations], migrationsTableName: 'redress_migration' };
  const dataSource = await new DataSource({ type: 'postgres', url, ...options }).initialize();
  const later = migrations.slice(migrations.indexOf(migration));
  await later.reduce((undone) => undone.then(() => dataSource.undoLastMigration()), Promise.resolve());
  await dataSource.destroy();
}
