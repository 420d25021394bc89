import { newId } from '../../../apps/api/src/ids';
import type { Owner } from '../owner';

/** From now on every event is to be delivered to an endpoint of the tenant. */
export async function subscribe(owner: Owner, tenant: string): Promise<void> {
  await owner.rows(
    `INSERT INTO webhook_endpoint (tenant_id, id, version, url, state, secrets, created_at, created_by, updated_at, updated_by)
     VALUES ($1, $2, 1, 'https://example.com/', 'ENABLED', '\\x00', now(), 'dee', now(), 'dee')`,
    [tenant, newId()],
  );
}

/** Each line of a history is to be told once, and there is an alarm for telling it. */
export async function publishingFlaws(owner: Owner, tenant: string): Promise<string[]> {
  const rows = await owner.rows<{ type: string; flaw: string }>(
    `WITH line AS (SELECT id, exception_id, type FROM history WHERE tenant_id = $1),
       told AS (SELECT event_id, endpoint_id, exception_id FROM delivery WHERE tenant_id = $1)
     SELECT type, 'is not to be told' AS flaw FROM line WHERE id NOT IN (SELECT event_id FROM told)
     UNION ALL SELECT 'something', 'is to be told that did not happen' FROM told WHERE event_id NOT IN (SELECT id FROM line)
     UNION ALL SELECT 'something', 'is to be told by nobody' FROM told
       WHERE NOT EXISTS (SELECT FROM graphile_worker._private_jobs WHERE key = 'deliver:' || endpoint_id)
         OR NOT EXISTS (SELECT FROM webhook_lane l WHERE l.tenant_id = $1 AND l.endpoint_id = told.endpoint_id AND l.exception_id = told.exception_id)`,
    [tenant],
  );
  return rows.map(({ type, flaw }) => `${type} ${flaw}`);
}
