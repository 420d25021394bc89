import { Column, Entity, PrimaryColumn } from 'typeorm';

/* The tables of the service as classes with decorators. */

const optional = (type: 'text' | 'numeric' | 'json' | 'timestamptz', name: string) =>
  Column({ type, name, nullable: true });

@Entity('exception')
export class ExceptionEntity {
  @PrimaryColumn('text', { name: 'tenant_id' }) tenantId!: string;
  @PrimaryColumn('uuid') id!: string;
  @Column('int4') version!: number;
  @Column('text') status!: string;
  @Column('uuid', { name: 'transaction_id' }) transactionId!: string;
  @Column('text') reason!: string;
  @Column('text') severity!: string;
  @optional('numeric', 'amount') amount!: string | null;
  @optional('text', 'currency') currency!: string | null;
  @optional('text', 'source') source!: string | null;
  @optional('timestamptz', 'occurred_at') occurredAt!: Date | null;
  @Column('timestamptz', { name: 'due_at' }) dueAt!: Date;
  @optional('json', 'differences') differences!: object | null;
  @optional('json', 'metadata') metadata!: object | null;
  @optional('text', 'assigned_to') assignedTo!: string | null;
  @optional('text', 'pending') pending!: string | null;
  @optional('json', 'proposal') proposal!: object | null;
  @optional('text', 'external_system') externalSystem!: string | null;
  @optional('text', 'external_issue_id') externalIssueId!: string | null;
  @optional('text', 'resolution_type') resolutionType!: string | null;
  @optional('text', 'resolution_reason') resolutionReason!: string | null;
  @optional('text', 'resolution_notes') resolutionNotes!: string | null;
  @optional('timestamptz', 'resolved_at') resolvedAt!: Date | null;
  @optional('text', 'resolved_by') resolvedBy!: string | null;
  @Column('int4', { name: 'seen_count' }) seenCount!: number;
  @Column('timestamptz', { name: 'last_seen_at' }) lastSeenAt!: Date;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
  @Column('timestamptz', { name: 'updated_at' }) updatedAt!: Date;
  @Column('int4', { name: 'history_seq' }) historySeq!: number;
  @Column('bytea', { name: 'history_head' }) historyHead!: Buffer;
}

@Entity('history')
export class HistoryEntity {
  @PrimaryColumn('text', { name: 'tenant_id' }) tenantId!: string;
  @PrimaryColumn('uuid', { name: 'exception_id' }) exceptionId!: string;
  @PrimaryColumn('int4') seq!: number;
  @Column('uuid') id!: string;
  @Column('text') type!: string;
  @Column('timestamptz') at!: Date;
  @Column('text') payload!: string;
  @Column('bytea', { name: 'prev_hash' }) prevHash!: Buffer;
  @Column('bytea') hash!: Buffer;
}

@Entity('idempotency')
export class ReplyEntity {
  @PrimaryColumn('text', { name: 'tenant_id' }) tenantId!: string;
  @PrimaryColumn('text') key!: string;
  @Column('text') fingerprint!: string;
  @Column('text') answer!: string;
  @Column('timestamptz', { name: 'expires_at' }) expiresAt!: Date;
}
