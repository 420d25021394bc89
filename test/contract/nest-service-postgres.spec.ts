import { randomUUID } from 'node:crypto';
import { Client, Pool } from 'pg';
import type { AcceptedReasons, ApprovalPolicy } from '@redress/domain';
import { storageContract } from '@redress/domain/testing';
import { PostgresUnitOfWork } from '../../examples/nest-service/src/postgres-unit-of-work';
import { schema } from '../../examples/nest-service/src/sql';
import { buildNestService, send, startNestService } from '../architecture/support/nest-service';
import { temporaryFolder } from '../architecture/support/packed-library';

const name = `nest_service_${randomUUID().replaceAll('-', '')}`;
const admin = new Client({ connectionString: process.env['TEST_DATABASE_URL'] });
const url = new URL(process.env['TEST_DATABASE_URL']!);
url.pathname = `/${name}`;
const pool = new Pool({ connectionString: url.href });
// The database is dropped while the last connections are being closed.
pool.on('error', () => undefined);

beforeAll(async () => {
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  await pool.query(schema);
});

afterAll(async () => {
  await pool.end();
  await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await admin.end();
});

describe("the store of another team's service", () => {
  const uow = new PostgresUnitOfWork(pool);
  let count = 0;
  const harness = {
    uow,
    newId: () => `019c96a0-10ce-7000-8000-${(++count).toString(16).padStart(12, '0')}`,
    historyOf: (tenant: string, id: string) => uow.list<never>('history', tenant, id),
    adjustmentsOf: (tenant: string, id: string) => uow.list<never>('adjustment', tenant, id),
    forcedMatchesOf: (tenant: string, id: string) => uow.list<never>('forced_match', tenant, id),
    approveUnder: (tenant: string, policy: ApprovalPolicy) => uow.layDown(tenant, 'approvalPolicy', policy),
    takeReasons: (tenant: string, codes: AcceptedReasons) => uow.layDown(tenant, 'reasonCodes', codes),
    keepBooksElsewhere: (tenant: string) => uow.layDown(tenant, 'ledger', true),
  };
  for (const { name, run } of storageContract(async () => harness)) it(name, run, 20_000);
});

describe("another team's service on PostgreSQL", () => {
  it('keeps its cases when it is started again', async () => {
    const folder = temporaryFolder();
    try {
      const service = await buildNestService(folder.path);
      const first = await startNestService(service, { DATABASE_URL: url.href });
      const report = { transactionId: randomUUID(), reason: 'AMOUNT_MISMATCH' };
      const { body: raised } = await send(`${first.url}/cases`, report, { 'x-user': 'ana' });
      await first.stop();

      const second = await startNestService(service, { DATABASE_URL: url.href });
      const again = await send(`${second.url}/cases`, report, { 'x-user': 'bo' });
      expect(again.body).toMatchObject({ id: raised.id, seenCount: 2 });
      const history = await send(`${second.url}/cases/${raised.id}/history`);
      expect(history.body.map(({ type }) => type)).toEqual(['exception.raised']);
      await second.stop();
    } finally {
      folder.remove();
    }
  }, 60_000);
});
