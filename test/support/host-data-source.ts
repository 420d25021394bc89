import type { DeskStore } from '@redress/domain';
import { entities, migrations, typeormStore, type TypeOrmStoreOptions } from '@redress/typeorm';
import { DataSource } from 'typeorm';
import { emptyDatabase } from './database';

export type HostDatabase = Readonly<{
  url: string;
  dataSource: DataSource;
  store: DeskStore;
  close: () => Promise<void>;
}>;

/** A database as another service has it: its own data source, which runs the migrations itself. */
export async function hostDatabase(options: TypeOrmStoreOptions = {}): Promise<HostDatabase> {
  const { url, drop } = await emptyDatabase();
  const dataSource = new DataSource({
    type: 'postgres',
    url,
    entities: [...entities],
    migrations: [...migrations],
    poolSize: 10,
    // The database is dropped while the last connections are being closed.
    poolErrorHandler: () => undefined,
  });
  await dataSource.initialize();
  await dataSource.runMigrations();
  return {
    url,
    dataSource,
    store: typeormStore(dataSource, options),
    close: async () => {
      await dataSource.destroy();
      await drop();
    },
  };
}
