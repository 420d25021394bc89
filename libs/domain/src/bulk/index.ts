export { readAmountCell } from '../desks/amount-cell';
export { byteOrderMark, csvRecord, neutralCell, originalText } from '../desks/csv-cell';
export { EditDesk, type EditFailure, type EditReport } from '../desks/edit-desk';
export { editableColumns, exportColumns, type ExportColumn } from '../desks/export-columns';
export { readEdit, type EditedCells, type EditLine } from '../desks/edit-line';
export { maxBatchBytes, maxListed } from '../desks/file-limits';
export { ImportDesk, type ImportReport, type Rejection, type ReportLine } from '../desks/import-desk';
