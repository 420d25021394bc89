import type { DispatchStore, ExceptionStore, Session, UnitOfWork } from '@redress/domain';
import type { InboundMessage, InboundStore, InboundTransaction } from '@redress/domain/integrations';
import type { Write } from '../unit-of-work/commit';
import type { TenantSession } from '../database/tenant-pool';
import { PostgresTransaction } from '../unit-of-work/postgres-transaction';
import { OneStatementUnitOfWork, type Beginning } from '../unit-of-work/postgres-unit-of-work';
import { messageRow } from '../entities/mapping';

/**
 * $1 tenant, $2 connection, $3 message, $4 digest, $5 target, $6 reference, $7 dispatches it is marked with,
 * $8 exception, $9 id of the ticket, $10 reference before a move. What is found by the id of the ticket comes first, then
 * by its reference, then what is still out there.
 */
const findMessage = `
  SELECT
    EXISTS (SELECT 1 FROM inbound_message m WHERE m.tenant_id = $1 AND m.connection_id = $2
              AND (m.message_id = $3 OR m.digest = $4)) AS seen,
    greatest(
      (SELECT max(m.changed_at) FROM inbound_message m
         WHERE m.tenant_id = $1 AND m.connection_id = $2 AND m.external_reference = $6),
      (SELECT max(m.changed_at) FROM inbound_message m
         WHERE m.tenant_id = $1 AND m.connection_id = $2 AND m.dispatch_id = about.id
           AND about.external_id = $9::text)) AS newest,
    about.id AS dispatch
  FROM (VALUES (1)) one LEFT JOIN LATERAL (
    SELECT d.id, d.external_id FROM dispatch d WHERE d.tenant_id = $1 AND d.target = $5 AND d.kind <> 'note'
       AND (d.external_reference = $6::text OR d.external_reference = $10::text OR d.external_id = $9::text
         OR d.id = ANY($7::uuid[]) OR d.exception_id = $8::uuid)
       AND ($8::uuid IS NULL OR d.exception_id = $8::uuid)
     ORDER BY (d.external_id = $9::text) IS TRUE DESC,
       (d.external_reference = $6::text OR d.external_reference = $10::text) IS TRUE DESC, d.live DESC, d.id DESC
     LIMIT 1) about ON true`;

/** The desk's transaction, and the message beside it. */
class InboundRows implements InboundTransaction {
  readonly exceptions: ExceptionStore;
  readonly dispatches: DispatchStore;
  private readonly desk: PostgresTransaction;
  private readonly kept: InboundMessage[] = [];

  constructor(
    private readonly pg: TenantSession,
    private readonly session: Session,
    options: ConstructorParameters<typeof PostgresTransaction>[2],
  ) {
    this.desk = new PostgresTransaction(pg, session, options);
    this.exceptions = this.desk.exceptions;
    this.dispatches = this.desk.dispatches;
  }

  readonly messages: InboundStore = {
    find: async ({
      connectionId,
      messageId,
      digest,
      target,
      reference = null,
      marks,
      exceptionId = null,
      ticketId = null,
      movedFrom = null,
    }) => {
      const { tenant } = this.session;
      const values = [
        tenant,
        connectionId,
        messageId,
        Buffer.from(digest, 'hex'),
        target,
        reference,
        marks,
        exceptionId,
        ticketId,
        movedFrom,
      ];
      const [row] = await this.pg.query({ text: findMessage }, values);
      const newest = row?.['newest'] as string | null | undefined;
      const dispatchId = row?.['dispatch'] as string | null | undefined;
      return {
        seen: row?.['seen'] === true,
        ...(newest && { newest }),
        ...(dispatchId && { dispatchId }),
      };
    },
    keep: async (message) => {
      this.kept.push(message);
    },
  };

  replyWrites(): Write[] {
    return [];
  }

  writes(): Write[] {
    return [
      ...this.desk.writes(),
      { kind: 'insert', table: 'inbound_message', rows: this.kept.map(messageRow) },
    ];
  }
}

/** Of messages from external systems: the message, and what it does to an exception. */
export class InboundUnitOfWork
  extends OneStatementUnitOfWork<InboundTransaction>
  implements UnitOfWork<InboundTransaction>
{
  protected begin(...beginning: Beginning): InboundRows {
    return new InboundRows(...beginning);
  }
}
