import { isUuid, type ReplyStore, type Session, type Timestamp } from '@redress/domain';
import type { Delivery, EndpointChange, EndpointTransaction } from '@redress/domain/integrations';
import { was, type Write } from '../unit-of-work/commit';
import type { Connection } from '../database/tenant-pool';
import { deliverTask } from '../jobs/delivery-fan-out';
import { alarm } from '../jobs/job-spec';
import { PostgresTransaction } from '../unit-of-work/postgres-transaction';
import { toDelivery, toEndpoint, toRow } from '../entities/mapping';
import { columnsOf, type Row } from '../entities/entity-schemas';

type Again = Readonly<{ delivery: Delivery; at: Timestamp }>;

/** Reads at once and buffers what is saved, as a transaction of the desk does; replies are kept like the desk's. */
export class EndpointRows implements EndpointTransaction {
  readonly replies: ReplyStore;
  private readonly desk: PostgresTransaction;
  private readonly saved: EndpointChange[] = [];
  private readonly wanted: Again[] = [];

  constructor(
    private readonly connection: Connection,
    private readonly session: Session,
    private readonly options: Readonly<{ locking: boolean; replyExpiry: () => Date }>,
  ) {
    this.desk = new PostgresTransaction(connection, session, options);
    this.replies = this.desk.replies;
  }

  readonly endpoints: EndpointTransaction['endpoints'] = {
    load: async (id) => {
      const lock = this.options.locking ? 'FOR UPDATE' : '';
      const [row] = await this.ask(
        `SELECT * FROM webhook_endpoint WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL ${lock}`,
        [isUuid(id) ? id : null],
      );
      return row && toEndpoint(row);
    },
    save: async (change) => {
      this.saved.push(change);
    },
  };

  readonly deliveries: EndpointTransaction['deliveries'] = {
    load: async (endpointId, eventId) => {
      const ids = [endpointId, eventId].map((id) => (isUuid(id) ? id : null));
      const [row] = await this.ask(
        'SELECT * FROM delivery WHERE tenant_id = $1 AND endpoint_id = $2 AND event_id = $3',
        ids,
      );
      return row && toDelivery(row);
    },
    within: async (endpointId, from, to, most) => {
      // Ids of events begin with their time, and the index with their ids.
      const rows = await this.ask(
        `SELECT * FROM delivery WHERE tenant_id = $1 AND endpoint_id = $2 AND event_id >= $3 AND event_id < $4
           AND state <> 'SENDING' ORDER BY event_id LIMIT $5`,
        [endpointId, firstIdAt(from), firstIdAt(to), most],
      );
      return rows.map(toDelivery);
    },
    again: async (deliveries, at) => {
      this.wanted.push(...deliveries.map((delivery) => ({ delivery, at })));
    },
  };

  replyWrites(): Write[] {
    return this.desk.replyWrites();
  }

  writes(): Write[] {
    const lanes = new Set(
      this.wanted.map(({ delivery }) => `${delivery.endpointId}.${delivery.exceptionId}`),
    );
    return [
      ...this.saved.flatMap(endpointWrites),
      {
        kind: 'redeliver',
        rows: this.wanted.map(({ delivery: { endpointId, eventId }, at }) =>
          toRow({ endpointId, eventId, nextAttemptAt: at }),
        ),
      },
      {
        kind: 'schedule',
        rows: [...lanes].map((id) => alarm(deliverTask, this.session.tenant, id)),
      },
      ...this.replyWrites(),
    ];
  }

  private ask(text: string, values: readonly unknown[]): Promise<Row[]> {
    return this.connection.query({ text }, [this.session.tenant, ...values]);
  }
}

const endpointSet = columnsOf('webhook_endpoint').filter((column) => column !== 'id');

function endpointWrites({ basedOn, state, skipsDeliveries }: EndpointChange): Write[] {
  // Ciphertexts are base64 text in the domain and bytes in the table.
  const row = { ...toRow(state), secrets: state.secrets ? Buffer.from(state.secrets, 'base64') : null };
  if (basedOn === 0) return [{ kind: 'insert', table: 'webhook_endpoint', rows: [row] }];
  const rows = [{ ...row, [was('version')]: basedOn }];
  return [
    { kind: 'update', table: 'webhook_endpoint', set: endpointSet, guard: ['version'], rows },
    ...(skipsDeliveries ? [{ kind: 'skip_deliveries', rows: [{ endpoint_id: state.id }] } as const] : []),
  ];
}

/** No UUIDv7 of this moment or later sorts before it. */
function firstIdAt(at: Timestamp): string {
  // Before 1970 there are no ids.
  const time = Math.max(Date.parse(at), 0).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-0000-0000-000000000000`;
}
