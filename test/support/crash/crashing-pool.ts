import type { Pool, PoolClient, Submittable } from 'pg';
import type { DataSource } from 'typeorm';
import { appRole } from '../../../libs/typeorm/src/database/app-role';
import { TenantPool } from '../../../libs/typeorm/src/database/tenant-pool';
import { openJobPool } from '../../../libs/typeorm/src/database/data-source';
import type { Life } from './life';

/** A statement with a protocol of its own: what the driver calls when the server is done with it. */
type OwnQuery = Submittable &
  Readonly<{ name: string; handleReadyForQuery: () => void; handleError: (error: unknown) => void }>;

/** Connections of the service's role to the database, on which every statement is a step of the process's life. */
export function crashingPool(url: string, life: Life): Pool {
  const pool = plainPool(url);
  pool.on('connect', (client) => makeCrashing(client, life));
  return pool;
}

/** The same, and nothing comes in their way. */
export const plainPool = (url: string): Pool =>
  openJobPool({ url, pool: 2, statementTimeoutMs: 20_000, role: appRole });

/** As the service gets them from TypeORM, of which they need nothing but its pool. */
export const tenantPoolOver = (pool: Pool): TenantPool =>
  TenantPool.of({ driver: { master: pool } } as unknown as DataSource);

function makeCrashing(client: PoolClient, life: Life): void {
  const send = client.query.bind(client) as (...asked: unknown[]) => unknown;
  const query = (...asked: unknown[]): unknown => {
    const [what] = asked;
    return isOwnQuery(what)
      ? sendOwn(what, (relayed) => send(relayed), life)
      : life.step(nameOf(what), () => send(...asked) as Promise<unknown>);
  };
  client.query = query as PoolClient['query'];
}

const isOwnQuery = (what: unknown): what is OwnQuery => typeof what === 'object' && 'submit' in what!;

/** Reports the end of the query to its caller, in the place of the driver. */
function sendOwn(query: OwnQuery, send: (query: Submittable) => unknown, life: Life): OwnQuery {
  const relayed = Object.create(query) as { -readonly [F in keyof OwnQuery]: OwnQuery[F] };
  life
    .step(
      nameOf(query),
      () =>
        new Promise<void>((resolve, reject) => {
          relayed.handleReadyForQuery = resolve;
          relayed.handleError = reject;
          send(relayed);
        }),
    )
    .then(
      () => query.handleReadyForQuery.call(relayed),
      (error: unknown) => query.handleError.call(relayed, error),
    );
  return query;
}

/** Commits are numbered as they come; which one it is says nothing. */
function nameOf(what: unknown): string {
  const { name, text = '' } = (typeof what === 'string' ? { text: what } : what) as Partial<
    Record<'name' | 'text', string>
  >;
  const isCommit = name?.startsWith('commit_') || text.includes('redress_all_or_nothing');
  return isCommit ? 'commit' : (name ?? text.trim().split(/\s/)[0]!);
}
