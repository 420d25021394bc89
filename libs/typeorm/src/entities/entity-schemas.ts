import { accessRecordEntity } from './access-record.entity';
import { exceptionEntity, historyEntity } from './exception.entity';
import { adjustmentEntity, forcedMatchEntity } from './resolution.entity';
import { disputeEntity, evidenceEntity } from './dispute.entity';
import { commentEntity } from './comment.entity';
import { dispatchEntity, dispatchAttemptEntity } from './dispatch.entity';
import { connectionEntity, connectionChangeEntity } from './connection.entity';
import {
  webhookEndpointEntity,
  deliveryEntity,
  deliveryAttemptEntity,
  webhookLaneEntity,
} from './webhook-endpoint.entity';
import { inboundMessageEntity } from './inbound-message.entity';
import { approvalPolicyEntity, reasonCodesEntity } from './setting.entity';
import { idempotencyEntity } from './idempotency.entity';

/** The one list of what is stored: statements are built from it, and a test compares it with the migrated database. */
export const entitySchemas = {
  exception: exceptionEntity,
  history: historyEntity,
  adjustment: adjustmentEntity,
  forced_match: forcedMatchEntity,
  dispute: disputeEntity,
  evidence: evidenceEntity,
  comment: commentEntity,
  dispatch: dispatchEntity,
  dispatch_attempt: dispatchAttemptEntity,
  connection: connectionEntity,
  connection_change: connectionChangeEntity,
  webhook_endpoint: webhookEndpointEntity,
  delivery: deliveryEntity,
  delivery_attempt: deliveryAttemptEntity,
  webhook_lane: webhookLaneEntity,
  inbound_message: inboundMessageEntity,
  approval_policy: approvalPolicyEntity,
  reason_codes: reasonCodesEntity,
  idempotency: idempotencyEntity,
  access_record: accessRecordEntity,
};

/** The entities of the desk, for `entities` of a `DataSource`. */
export const entities = Object.values(entitySchemas);

export type TableName = keyof typeof entitySchemas;
export type Row = Record<string, unknown>;

type Columns = Readonly<Record<string, Readonly<{ type: string }>>>;

const columnsByTable = Object.fromEntries(
  entities.map(({ options }) => {
    const { tenant_id: _first, ...columns } = options.columns;
    return [options.name, columns];
  }),
) as unknown as Record<TableName, Columns>;

/** The columns of a table beside `tenant_id`, in their order. */
export const columnsOf = (table: TableName): string[] => Object.keys(columnsByTable[table]);

/** The PostgreSQL type of a column, as statements cast to it. */
export const typeOf = (table: TableName, column: string): string =>
  columnsByTable[table][column]?.type ?? 'text';
