import { activeDisputeStates, limits } from '@redress/domain';
import type { Statement } from '../database/tenant-pool';

const quoted = (values: readonly string[]): string => values.map((value) => `'${value}'`).join(', ');

const activeDisputes = (exceptionId: string): string => `(
  SELECT json_agg(json_build_object('id', a.id, 'category', a.category) ORDER BY a.id) FROM dispute a
  WHERE a.tenant_id = $1 AND a.exception_id = ${exceptionId} AND a.state IN (${quoted(activeDisputeStates)})
) AS active_disputes`;

const liveDispatches = (exceptionId: string): string => `(
  SELECT json_agg(json_build_object('id', l.id, 'target', l.target, 'externalReference', l.external_reference) ORDER BY l.id)
  FROM dispatch l WHERE l.tenant_id = $1 AND l.exception_id = ${exceptionId} AND l.live
) AS live_dispatches`;

/** What takes approval now: read with what it is about to decide on, so never a stale one. Most tenants have none. */
const approvalPolicy = `(
  SELECT json_strip_nulls(json_build_object('version', p.version, 'rules', p.rules, 'answers', p.answers)) FROM approval_policy p
  WHERE p.tenant_id = $1 ORDER BY p.version DESC LIMIT 1
)`;

/** The reason codes that are taken now, likewise. */
const reasonCodes = `(
  SELECT c.accepted FROM reason_codes c WHERE c.tenant_id = $1 ORDER BY c.version DESC LIMIT 1
)`;

/** Whether the books are kept in a ledger elsewhere: the tenant has a connection to one, and it is on. */
const ledger = `EXISTS (
  SELECT FROM connection c WHERE c.tenant_id = $1 AND c.target = 'LEDGER' AND c.enabled AND c.deleted_at IS NULL
)`;

/** Until when the reply is provisional, where it still is. */
const stillProvisional = 'CASE WHEN r.provisional_until > now() THEN r.provisional_until END';

const replyColumns = `r.fingerprint AS reply_fingerprint, r.answer AS reply_answer, ${stillProvisional} AS reply_provisional_until`;

/** Brings the reply to the session's key along, whether or not anything else is found: always at least one row. */
const withReply = (key: string, source: string, columns: string): string => `
  SELECT ${columns}, ${replyColumns}
  FROM (SELECT 1) AS always
  LEFT JOIN ${source}
  LEFT JOIN idempotency r ON r.tenant_id = $1 AND r.key = ${key} AND r.expires_at > now()`;

/** The same for many, but with the reply in a row of its own: it may be long, and must not travel with each of them. */
const withReplyOnce = (key: string, source: string, columns: string): string => `
  SELECT ${columns}, ${replyColumns}
  FROM (
    (SELECT 1) AS always
    LEFT JOIN idempotency r ON r.tenant_id = $1 AND r.key = ${key} AND r.expires_at > now()
  ) FULL JOIN (${source}) ON false`;

/** Each comment has a line of history, so only long histories are counted. */
const commentsFull = `CASE WHEN e.history_seq >= ${limits.comments} THEN (
  SELECT count(*) >= ${limits.comments} FROM comment c WHERE c.tenant_id = $1 AND c.exception_id = e.id
) END AS comments_full`;

/** $1 tenant, $2 exception, $3 idempotency key. */
export const loadException: Statement = {
  name: 'load_exception',
  text: withReply(
    '$3',
    'exception e ON e.tenant_id = $1 AND e.id = $2',
    `e.*, ${activeDisputes('e.id')}, ${liveDispatches('e.id')}, ${approvalPolicy} AS approval_policy,
     ${reasonCodes} AS reason_codes, ${ledger} AS ledger, ${commentsFull}`,
  ),
};

/**
 * Each of many is looked up by its key, whatever the planner believes: about a table that has just grown, or a tenant it
 * has not counted, it believes that reading all of the tenant's rows is cheaper. OFFSET 0 keeps the look-up as it is.
 */
const lookedUp = (given: string, columns: string, condition: string): string =>
  `${given} CROSS JOIN LATERAL (SELECT ${columns} FROM exception WHERE tenant_id = $1 AND ${condition} OFFSET 0) AS e`;

const manyIds = 'unnest($2::uuid[]) AS x(id)';
const manyIdentities = 'unnest($2::uuid[], $3::text[]) AS x(transaction_id, reason_key)';
/** As the index says it. Rows that were equal to others when keys were introduced have none. */
export const reasonKey = 'coalesce(reason_key, reason)';
const hasIdentity = `transaction_id = x.transaction_id AND ${reasonKey} = x.reason_key`;
const isUnresolved = `${hasIdentity} AND status <> 'RESOLVED'`;

/** $1 tenant, $2 exceptions, $3 idempotency key. */
export const loadExceptions: Statement = {
  text: withReplyOnce(
    '$3',
    lookedUp(manyIds, '*', 'id = x.id'),
    // In the row of the reply, so that they do not travel with each of them either.
    `e.*, ${activeDisputes('e.id')}, ${liveDispatches('e.id')},
     CASE WHEN e.id IS NULL THEN ${approvalPolicy} END AS approval_policy,
     CASE WHEN e.id IS NULL THEN ${reasonCodes} END AS reason_codes, ${ledger} AS ledger`,
  ),
};

/** $1 tenant, $2 dispute, $3 idempotency key. */
export const loadDispute: Statement = {
  name: 'load_dispute',
  text: withReply(
    '$3',
    `(dispute d JOIN exception e ON e.tenant_id = d.tenant_id AND e.id = d.exception_id) ON d.tenant_id = $1 AND d.id = $2`,
    `d.*, e.history_seq, e.history_head, ${activeDisputes('e.id')}, ${liveDispatches('e.id')}, (
       SELECT json_agg(v ORDER BY v.id) FROM evidence v WHERE v.tenant_id = $1 AND v.dispute_id = d.id
     ) AS evidence`,
  ),
};

/** A note brings the dispatch of its ticket along. $1 tenant, $2 dispatch, $3 idempotency key. */
export const loadDispatch: Statement = {
  name: 'load_dispatch',
  text: withReply(
    '$3',
    `(dispatch d JOIN exception e ON e.tenant_id = d.tenant_id AND e.id = d.exception_id
       LEFT JOIN dispatch t ON t.tenant_id = d.tenant_id AND t.id = d.ticket_id) ON d.tenant_id = $1 AND d.id = $2`,
    `e.*, to_json(d) AS dispatch, to_json(t) AS ticket, ${activeDisputes('e.id')}, ${liveDispatches('e.id')},
     ${approvalPolicy} AS approval_policy`,
  ),
};

/** JSON would make a float of the amount, so that comes as text. $1 tenant, $2 adjustment, $3 idempotency key. */
export const loadAdjustment: Statement = {
  name: 'load_adjustment',
  text: withReply(
    '$3',
    `(adjustment a JOIN exception e ON e.tenant_id = a.tenant_id AND e.id = a.exception_id)
       ON a.tenant_id = $1 AND a.id = $2`,
    `e.*, to_json(a) AS adjustment, a.amount::text AS adjustment_amount, (
       SELECT v.id FROM adjustment v WHERE v.tenant_id = $1 AND v.reverses = a.id
     ) AS reversed_by, EXISTS (SELECT FROM dispatch p WHERE p.tenant_id = $1 AND p.id = a.id) AS carried,
     ${approvalPolicy} AS approval_policy`,
  ),
};

/** $1 tenant, $2 exception, $3 comment, $4 idempotency key. */
export const loadComment: Statement = {
  name: 'load_comment',
  text: withReply(
    '$4',
    `(comment c JOIN exception e ON e.tenant_id = c.tenant_id AND e.id = c.exception_id)
       ON c.tenant_id = $1 AND c.exception_id = $2 AND c.id = $3 AND c.deleted_at IS NULL`,
    'c.*, e.history_seq, e.history_head',
  ),
};

/**
 * Not prepared: a plan made while the table was empty would be kept for the rest of a long import (four times slower:
 * measured). $1 tenant, $2 transaction ids, $3 keys of reasons, $4 idempotency key.
 */
export const loadUnresolved: Statement = {
  text: withReplyOnce('$4', lookedUp(manyIdentities, '*', isUnresolved), 'e.*'),
};

/** The unresolved exception of each identity, or else the one that was resolved last. Parameters as above. */
export const loadLatest: Statement = {
  text: withReplyOnce(
    '$4',
    `${manyIdentities} CROSS JOIN LATERAL (
       SELECT * FROM (
         (SELECT * FROM exception WHERE tenant_id = $1 AND ${isUnresolved} OFFSET 0)
         UNION ALL
         (SELECT * FROM exception WHERE tenant_id = $1 AND ${hasIdentity} AND status = 'RESOLVED'
          ORDER BY resolved_at DESC, id DESC LIMIT 1)
       ) AS both_kinds ORDER BY status = 'RESOLVED' LIMIT 1
     ) AS e`,
    'e.*',
  ),
};

/** $1 tenant, $2 idempotency key. */
export const loadReply: Statement = {
  name: 'load_reply',
  text: `SELECT fingerprint AS reply_fingerprint, answer AS reply_answer, ${stillProvisional} AS reply_provisional_until
         FROM idempotency r
         WHERE tenant_id = $1 AND key = $2 AND expires_at > now()`,
};

/** Waits for the transaction that is changing the exception. $1 tenant, $2 exception. */
export const lockException: Statement = {
  name: 'lock_exception',
  text: 'SELECT 1 FROM exception WHERE tenant_id = $1 AND id = $2 FOR UPDATE',
};

/** Several are locked in the order of their ids, so that no two can wait for each other. $1 tenant, $2 exceptions. */
export const lockExceptions: Statement = {
  text: 'SELECT 1 FROM exception WHERE tenant_id = $1 AND id = ANY($2::uuid[]) ORDER BY id FOR UPDATE',
};

/** Locks in the same order in every transaction, so that there is no deadlock. $1 tenant, $2 transaction ids, $3 keys. */
export const lockUnresolved: Statement = {
  text: `SELECT 1 FROM ${manyIdentities} JOIN exception e ON e.tenant_id = $1 AND e.transaction_id = x.transaction_id
           AND coalesce(e.reason_key, e.reason) = x.reason_key AND e.status <> 'RESOLVED'
         ORDER BY e.id FOR UPDATE OF e`,
};

/** $1 tenant, $2 dispute. */
export const lockDispute: Statement = {
  name: 'lock_dispute',
  text: `SELECT 1 FROM dispute d JOIN exception e ON e.tenant_id = d.tenant_id AND e.id = d.exception_id
         WHERE d.tenant_id = $1 AND d.id = $2 FOR UPDATE OF e`,
};

/** $1 tenant, $2 adjustment. */
export const lockAdjustment: Statement = {
  name: 'lock_adjustment',
  text: `SELECT 1 FROM adjustment a JOIN exception e ON e.tenant_id = a.tenant_id AND e.id = a.exception_id
         WHERE a.tenant_id = $1 AND a.id = $2 FOR UPDATE OF e`,
};

/** $1 tenant, $2 dispatch. */
export const lockDispatch: Statement = {
  name: 'lock_dispatch',
  text: `SELECT 1 FROM dispatch d JOIN exception e ON e.tenant_id = d.tenant_id AND e.id = d.exception_id
         WHERE d.tenant_id = $1 AND d.id = $2 FOR UPDATE OF e`,
};
