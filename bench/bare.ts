import { createHash, createSecretKey, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { verify } from 'jsonwebtoken';
import { Pool, types } from 'pg';
import { tenant as onlyTenant } from './support/setting';

/*
 * The least that can be called the same work: force match with an idempotency key, as one file of node:http and pg.
 * It checks the token, reads once and writes once: state guarded by its version, history with its hash chain, and the
 * reply, in one statement, durable, under row-level security. docs/performance.md lists what it leaves out.
 */

type Row = Record<string, unknown>;
type Found = Row & { version: number; status: string; history_seq: number; history_head: Buffer };
type Claims = { sub: string; tenantId: string };
type Answer = readonly [status: number, body: string];

const secret = createSecretKey(process.env['JWT_SECRET'] ?? '', 'utf8');
const pool = new Pool({
  connectionString: process.env['DATABASE_URL'],
  max: Number(process.env['DATABASE_POOL']),
  // It serves one tenant, so that one is set once per connection.
  options: `-c role=redress_app -c redress.tenant=${onlyTenant} -c jit=off`,
});
types.setTypeParser(types.builtins.TIMESTAMPTZ, (text) => new Date(text).toISOString());

const read = `
  SELECT e.*, r.fingerprint AS reply_fingerprint, r.answer AS reply_answer FROM exception e
  LEFT JOIN idempotency r ON r.tenant_id = $1 AND r.key = $3 AND r.expires_at > now()
  WHERE e.tenant_id = $1 AND e.id = $2`;

const write = `
  WITH changed AS (
    UPDATE exception SET status = 'RESOLVED', version = version + 1, resolution_type = 'FORCE_MATCH',
      resolution_reason = $4, resolution_notes = $5, resolved_at = $6, resolved_by = $7, updated_at = $6,
      history_seq = $8, history_head = $9
    WHERE tenant_id = $1 AND id = $2 AND version = $3 RETURNING 1
  ), line AS (
    INSERT INTO history (tenant_id, exception_id, seq, id, type, at, payload, prev_hash, hash)
    SELECT $1, $2, $8, $10, $11, $6, $12, $13, $9 FROM changed
  ), reply AS (
    INSERT INTO idempotency (tenant_id, key, fingerprint, answer, expires_at)
    SELECT $1, $14, $15, $16, $6::timestamptz + interval '7 days' FROM changed
  ) SELECT count(*)::int4 AS done FROM changed`;

async function forceMatch(caller: Claims, id: string, key: string, text: string): Promise<Answer> {
  const { sub: actor, tenantId } = caller;
  const { overrideReason, notes } = JSON.parse(text) as { overrideReason: string; notes: string };
  const replyKey = sha256(`${tenantId} ${actor} ${id} ${key}`).toString('base64url');
  const fingerprint = sha256(text).toString('base64url');
  const [found] = await query<Found>('read', read, [tenantId, id, replyKey]);
  if (!found) return [404, '{"title":"not_found"}'];
  const { reply_answer: reply, reply_fingerprint: replied, ...before } = found;
  if (reply) return replied === fingerprint ? [200, reply as string] : [422, '{"title":"key_reused"}'];
  if (before.status === 'RESOLVED') return [422, '{"title":"not_allowed"}'];

  const at = new Date().toISOString();
  const seq = before.history_seq + 1;
  const resolution = {
    resolution_type: 'FORCE_MATCH',
    resolution_reason: overrideReason,
    resolution_notes: notes,
  };
  const after = { ...before, ...resolution, status: 'RESOLVED', version: before.version + 1 };
  const answer = JSON.stringify(bodyOf({ ...after, resolved_at: at, resolved_by: actor, updated_at: at }));
  const [type, eventId] = ['exception.force_matched', randomUUID()];
  const event = {
    id: eventId,
    type,
    exceptionId: id,
    version: after.version,
    actor,
    at,
    changes: resolution,
  };
  const payload = JSON.stringify(event);
  const hash = sha256(tenantId, id, String(seq), before.history_head, payload);
  const [written] = await query<{ done: number }>('write', write, [
    ...[tenantId, id, before.version, overrideReason, notes, at, actor, seq, hash],
    ...[eventId, type, payload, before.history_head, replyKey, fingerprint, answer],
  ]);
  return written?.done ? [200, answer] : [409, '{"title":"stale"}'];
}

async function query<R extends Row>(name: string, text: string, values: unknown[]): Promise<R[]> {
  return (await pool.query<R>({ name, text, values })).rows;
}

function sha256(...parts: readonly (string | Buffer)[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest();
}

/** What clients see of a row: no nulls, no internals, names in camel case. */
function bodyOf(row: Row): Row {
  const hidden = ['tenant_id', 'history_seq', 'history_head', 'proposal'];
  const shown = Object.entries(row).filter(([name, value]) => value !== null && !hidden.includes(name));
  return Object.fromEntries(shown.map(([name, value]) => [camel(name), value]));
}

const camel = (name: string): string => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());

async function answerTo(request: IncomingMessage): Promise<Answer> {
  const { authorization = '', 'x-idempotency-key': key } = request.headers;
  const caller = verify(authorization.slice('Bearer '.length), secret, { algorithms: ['HS256'] });
  const [, id] = /^\/v1\/exceptions\/([0-9a-f-]{36})\/force-match$/.exec(request.url ?? '') ?? [];
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  if (!id || typeof key !== 'string') return [400, '{"title":"invalid_request"}'];
  return forceMatch(caller as unknown as Claims, id, key, Buffer.concat(chunks).toString());
}

createServer((request, response) => {
  answerTo(request)
    .catch((error: unknown): Answer => [500, JSON.stringify({ title: String(error) })])
    .then(([status, body]) => {
      const type = 'application/json; charset=utf-8';
      response
        .writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) })
        .end(body);
    })
    .catch(console.error);
}).listen(Number(process.env['PORT']), '127.0.0.1');

process.on('SIGTERM', () => process.exit(0));
process.on('disconnect', () => process.exit(0));
