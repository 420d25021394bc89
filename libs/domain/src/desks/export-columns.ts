import type { ReconException } from '../exception/recon-exception';

const toFill = (): undefined => undefined;

/** The name of a column of an export. */
export type ExportColumn =
  | 'id'
  | 'version'
  | 'status'
  | 'severity'
  | 'transactionId'
  | 'exceptionReason'
  | 'amount'
  | 'currency'
  | 'source'
  | 'occurredAt'
  | 'dueAt'
  | 'assignee'
  | 'assigneeWas'
  | 'resolution'
  | 'reason'
  | 'externalSystem'
  | 'externalIssueId'
  | 'resolutionType'
  | 'resolutionReason'
  | 'resolutionNotes'
  | 'createdAt'
  | 'updatedAt';

/**
 * The columns of an export: column → the text of its cell; undefined for an empty one. `assignee`, `resolution` and
 * `reason`, which is that of the resolution, are for editing; so the reason why it was raised goes by another name.
 * `assigneeWas` repeats the assignee: a spreadsheet rewrites both cells alike, so a line in which they agree was not edited.
 * The last column is never empty: spreadsheets leave out empty cells at the end of a line.
 */
export const exportColumns: Readonly<
  Record<ExportColumn, (exception: ReconException) => string | undefined>
> = {
  id: ({ id }) => id,
  version: ({ version }) => `${version}`,
  status: ({ status }) => status,
  severity: ({ severity }) => severity,
  transactionId: ({ transactionId }) => transactionId,
  exceptionReason: ({ reason }) => reason,
  amount: ({ amount }) => amount?.amount,
  currency: ({ amount }) => amount?.currency,
  source: ({ source }) => source,
  occurredAt: ({ occurredAt }) => occurredAt,
  dueAt: ({ dueAt }) => dueAt,
  assignee: ({ assignedTo }) => assignedTo,
  assigneeWas: ({ assignedTo }) => assignedTo,
  resolution: toFill,
  reason: toFill,
  externalSystem: ({ externalSystem }) => externalSystem,
  externalIssueId: ({ externalIssueId }) => externalIssueId,
  resolutionType: ({ resolutionType }) => resolutionType,
  resolutionReason: ({ resolutionReason }) => resolutionReason,
  resolutionNotes: ({ resolutionNotes }) => resolutionNotes,
  createdAt: ({ createdAt }) => createdAt,
  updatedAt: ({ updatedAt }) => updatedAt,
};

/** The columns that a user edits. */
export const editableColumns = ['assignee', 'resolution', 'reason'] as const;

const readBack: ReadonlySet<string> = new Set(['id', 'version', 'assigneeWas', ...editableColumns]);

/** The columns that are there to be read. An edit in one of them is refused, not passed over. */
export const fixedColumns = (Object.keys(exportColumns) as ExportColumn[]).filter(
  (name) => !readBack.has(name),
);
