export { EditDesk, type EditFailure, type EditReport } from '../desks/edit-desk';
export { editableColumns, readEdit, type EditedCells, type EditLine } from '../desks/edit-line';
export { maxBatchBytes, maxListed } from '../desks/file-limits';
export { ImportDesk, type ImportReport, type Rejection, type ReportLine } from '../desks/import-desk';
