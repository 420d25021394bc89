/** Everything is a document of some kind: exception, dispute, adjustment, match, dispatch, history, fact, reply. */
export const schema = `
  SELECT pg_advisory_xact_lock(4217);
  CREATE TABLE IF NOT EXISTS document (seq bigserial, tenant text, kind text, id text, exception_id text,
    body jsonb NOT NULL, PRIMARY KEY (tenant, kind, id));
  CREATE INDEX IF NOT EXISTS of_exception ON document (tenant, kind, exception_id, seq);
  CREATE UNIQUE INDEX IF NOT EXISTS one_unresolved ON document (tenant, (body->>'transactionId'), (body->>'reason'))
    WHERE kind = 'exception' AND body->>'status' <> 'RESOLVED'`;

export const one = 'SELECT body FROM document WHERE tenant = $1 AND kind = $2 AND id = $3';

export const oneForUpdate = `${one} FOR UPDATE`;

export const all =
  'SELECT body FROM document WHERE tenant = $1 AND kind = $2 AND exception_id = $3 ORDER BY seq';

export const unresolved = `
  SELECT body FROM document WHERE tenant = $1 AND kind = 'exception' AND body->>'status' <> 'RESOLVED'
    AND (body->>'transactionId', body->>'reason') IN (SELECT i->>0, i->>1 FROM jsonb_array_elements($2) i)
  ORDER BY id FOR UPDATE`;

export const add = `
  INSERT INTO document (tenant, kind, id, exception_id, body) VALUES ($1, $2, $3, $4, $5)`;

export const facts = `
  SELECT jsonb_object_agg(id, body) AS body FROM document WHERE tenant = $1 AND kind = 'fact'`;

export const layDown = `
  INSERT INTO document (tenant, kind, id, body) VALUES ($1, 'fact', $2, $3)
  ON CONFLICT (tenant, kind, id) DO UPDATE SET body = EXCLUDED.body`;

export const settle = `
  UPDATE document SET body = body - 'provisionalUntil' || jsonb_build_object('answer', $4::text)
  WHERE tenant = $1 AND kind = $2 AND id = $3`;

export const update = `
  UPDATE document SET body = $4 WHERE tenant = $1 AND kind = $2 AND id = $3 AND (body->'version')::int = $5
  RETURNING body`;

export const endDispatches = `
  UPDATE document SET body = body || '{"live": false}'
  WHERE tenant = $1 AND kind = 'dispatch' AND exception_id = $2`;

/** Unique violation, serialization failure, deadlock: the next attempt sees what came in between. */
export const outrun = new Set<unknown>(['23505', '40001', '40P01']);
