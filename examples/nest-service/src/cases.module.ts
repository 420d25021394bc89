import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { connectorsFor } from '@redress/connectors';
import { RedressModule } from '@redress/nestjs';
import { entities, migrations, typeormStore } from '@redress/typeorm';
import { DataSource } from 'typeorm';
import { CasesController } from './cases.controller.js';

const {
  DATABASE_URL: url = '',
  JIRA_SITE: site,
  JIRA_TOKEN: apiToken = '',
  EGRESS_ALLOW: egressAllow = '',
} = process.env;

/** The service's own data source, which has the tables of the desk beside those of the service. */
const tables = { entities: [...entities], migrations: [...migrations], migrationsRun: true };
const dataSource = new DataSource({ type: 'postgres', url, ...tables });

const jira = site && { settings: { site, email: 'bot@example.com', project: 'OPS' }, secrets: { apiToken } };
const connectors = connectorsFor({ tenant: 'cases', egressAllow, ...(jira && { JIRA: jira }) });

@Module({
  imports: [
    RedressModule.forRootAsync({
      useFactory: async () => ({ store: typeormStore(await dataSource.initialize()), connectors }),
    }),
  ],
  controllers: [CasesController],
})
export class CasesModule implements OnApplicationShutdown {
  onApplicationShutdown = () => dataSource.destroy();
}
