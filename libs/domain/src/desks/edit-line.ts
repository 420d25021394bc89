import type { ExceptionCommand } from '../exception/exception.lifecycle';
import type { ReconException } from '../exception/recon-exception';
import { ok, refuse, type Result } from '../result';
import { invalid } from '../value/validation';
import { editableColumns, exportColumns, fixedColumns, type ExportColumn } from './export-columns';
import { excerpt } from './file-limits';
import type { Order } from './handle-many';
import { mayBeRewriting, rewritingOf, sameText } from './spreadsheet-cell';

/** A line of an edited export, counted from 1: the order to its exception and its size in bytes, or why there is none. */
export type EditLine = Readonly<
  | { line: number; size: number; order: Order; resolves: boolean }
  | { line: number; exceptionId?: string; problem: string }
>;

/** The cells of one line by their columns. A column that the file does not have is absent; an emptied cell is `''`. */
export type EditedCells = Readonly<Partial<Record<ExportColumn, string>>>;

const uuidLength = 36;

/**
 * Reads what an edited line asks for. `unsure`: why its letters beyond ASCII may be others than were typed; no value with
 * such letters is taken from the line then.
 */
export function readEdit(line: number, size: number, given: EditedCells, unsure?: string): EditLine {
  const cells = { ...given, resolution: given.resolution?.trim(), reason: given.reason?.trim() };
  const { id = '', version = '', resolution = '' } = cells;
  if (id.length > uuidLength)
    return { line, exceptionId: excerpt(id), problem: 'The id must be the UUID that was exported.' };
  if (!/^[1-9][0-9]{0,8}$/.test(version))
    return { line, exceptionId: id, problem: 'The version must be the number that was exported.' };
  const edited = editsIn(cells, unsure);
  const commands = (exception: ReconException): Result<readonly ExceptionCommand[]> => {
    const changed = fixedColumns.find((name) => wasEdited(name, cells, exception));
    if (changed) return refused(changed, `was edited; only ${editableColumns.join(', ')} can be`);
    return edited(exception);
  };
  return {
    line,
    size,
    order: { id, expectedVersion: Number(version), commands },
    resolves: resolution !== '',
  };
}

const refused = (field: string, problem: string) => refuse(invalid(field, problem));

/** The version is the exported one, so the exception has the values that the file had. */
function wasEdited(name: ExportColumn, cells: Cells, exception: ReconException): boolean {
  const cell = cells[name];
  return cell !== undefined && !mayBeRewriting(exportColumns[name](exception) ?? '', cell);
}

type Cells = { readonly [Column in keyof EditedCells]: EditedCells[Column] | undefined };
type Edits = (exception: ReconException) => Result<readonly ExceptionCommand[]>;

/** A resolution resolves; without one, another assignee assigns and an emptied one unassigns. */
function editsIn(cells: Cells, unsure: string | undefined): Edits {
  const { resolution = '', reason = '' } = cells;
  return (exception) => {
    const assignment = assignmentIn(cells, exception, unsure);
    if (!assignment.ok) return assignment;
    if (!resolution)
      return reason ? refused('reason', 'goes with a resolution; fill in that as well') : assignment;
    if (assignment.value.length)
      return refused('assignee', 'and resolution were both edited; edit one of them, and the other later');
    const problem = problemOf('resolution', resolution, unsure) ?? problemOf('reason', reason, unsure, true);
    if (problem) return refuse(problem);
    return ok([{ type: 'resolve', resolution, ...(reason && { reason }) }]);
  };
}

const problemOf = (field: string, value: string, unsure: string | undefined, isProse?: boolean) => {
  const problem = unsure !== undefined && /[^\x00-\x7f]/.test(value) ? unsure : rewritingOf(value, isProse);
  return problem === undefined ? undefined : invalid(field, problem);
};

function assignmentIn(
  { assignee, assigneeWas }: Cells,
  { assignedTo = '' }: ReconException,
  unsure: string | undefined,
): Result<readonly ExceptionCommand[]> {
  if (assignee === undefined || sameText(assignee, assigneeWas ?? assignedTo)) return ok([]);
  const value = assignee.trim();
  if (value === assignedTo) return ok([]);
  if (value === '') return ok([{ type: 'unassign' }]);
  if (mayBeRewriting(assignedTo, value))
    return refused('assignee', `may be what a spreadsheet made of ${assignedTo}; write it as it was`);
  const problem = problemOf('assignee', value, unsure);
  return problem ? refuse(problem) : ok([{ type: 'assign', assignee: value }]);
}
