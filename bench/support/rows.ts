import type { Client } from 'pg';
import { idAt, tenant } from './setting';

/** So many open exceptions, each with the first line of its history, straight into the tables. */
export async function insertOpen(client: Client, from: number, count: number): Promise<void> {
  const ids = Array.from({ length: count }, (_, i) => idAt(from + i));
  await client.query(
    `WITH line AS (
       INSERT INTO history (tenant_id, exception_id, seq, id, type, at, payload, prev_hash, hash)
       SELECT $1, id, 1, id, 'exception.raised', now(), '{"id":"' || id || '","type":"exception.raised"}',
         decode(repeat('00', 32), 'hex'), sha256(id::text::bytea)
       FROM unnest($2::uuid[]) AS id
     )
     INSERT INTO exception (tenant_id, id, version, status, transaction_id, reason, severity, amount, currency, source,
       due_at, metadata, seen_count, last_seen_at, created_at, updated_at, history_seq, history_head)
     SELECT $1, id, 1, 'OPEN', gen_random_uuid(), 'Amount mismatch detected', 'HIGH', 1500.50, 'BRL', 'bank:atlantico',
       now() + interval '3 days', '{"batch":"2025-01-14","merchant":"M-1042"}', 1, now(), now(), now(),
       1, sha256(id::text::bytea)
     FROM unnest($2::uuid[]) AS id`,
    [tenant, ids],
  );
}

/**
 * A tenant of so many exceptions, raised over two years, as they are after those years: one in twenty is unresolved,
 * the newer ones more often. The unresolved ones are spread over statuses, assignees and due dates.
 */
export async function fill(client: Client, rows: number): Promise<void> {
  await client.query(
    `INSERT INTO exception (tenant_id, id, version, status, transaction_id, reason, severity, amount, currency, source,
       occurred_at, due_at, assigned_to, external_system, pending, resolution_type, resolution_reason, resolution_notes,
       resolved_at, resolved_by, seen_count, last_seen_at, created_at, updated_at, history_seq, history_head)
     SELECT $1, id, 2, status, gen_random_uuid(), (ARRAY['Amount mismatch detected', 'No counterpart found', 'Currency differs'])[1 + n % 3],
       (ARRAY['LOW', 'LOW', 'LOW', 'MEDIUM', 'MEDIUM', 'HIGH', 'CRITICAL'])[1 + n % 7],
       CASE WHEN n % 10 < 9 THEN round((random() * 200000)::numeric, 2) END, CASE WHEN n % 10 < 9 THEN 'BRL' END, 'bank:' || n % 20,
       at - interval '1 day', at + (interval '1 day' * (1 + n % 7)),
       CASE WHEN status <> 'OPEN' THEN 'analyst-' || n % 50 || '@example.com' END,
       CASE WHEN status = 'PENDING_RESOLUTION' THEN 'JIRA' END, CASE WHEN status = 'PENDING_RESOLUTION' THEN 'external' END,
       CASE WHEN done THEN 'FORCE_MATCH' END, CASE WHEN done THEN 'BUSINESS_DECISION' END,
       CASE WHEN done THEN 'Approved by the finance team after manual review' END,
       CASE WHEN done THEN at + interval '2 days' END, CASE WHEN done THEN 'ana@example.com' END,
       1, at, at, CASE WHEN done THEN at + interval '2 days' ELSE at END, 2, sha256(id::text::bytea)
     FROM (
       SELECT n, ('019b7c00-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid AS id, status, status = 'RESOLVED' AS done,
         now() - interval '2 years' * (1 - n::float8 / $2) AS at
       FROM generate_series(1, $2::int4) AS n, LATERAL (
         SELECT CASE WHEN n % 20 > 0 THEN 'RESOLVED' ELSE (ARRAY['OPEN', 'OPEN', 'ASSIGNED', 'PENDING_RESOLUTION'])[1 + n / 20 % 4] END AS status
       ) AS mixed
     ) AS rows`,
    [tenant, rows],
  );
  await client.query('VACUUM ANALYZE exception');
}
