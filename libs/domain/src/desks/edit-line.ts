import type { ExceptionCommand } from '../exception/exception.lifecycle';
import type { ReconException } from '../exception/recon-exception';
import type { Order } from './handle-many';
import { excerpt } from './file-limits';

/** A line of an edited export, counted from 1: the order to its exception and its size in bytes, or why there is none. */
export type EditLine = Readonly<
  | { line: number; size: number; order: Order; resolves: boolean }
  | { line: number; exceptionId?: string; problem: string }
>;

/** The columns that are read back. Other columns of an export are there for people. */
export const editableColumns = ['id', 'version', 'assignee', 'resolution', 'reason'] as const;
/** The cells of one line by their columns. A column that the file does not have is absent; an emptied cell is `''`. */
export type EditedCells = Readonly<Partial<Record<(typeof editableColumns)[number], string>>>;

const uuidLength = 36;

/** Reads what an edited line asks for. */
export function readEdit(line: number, size: number, cells: EditedCells): EditLine {
  const { id = '', version = '', resolution = '' } = cells;
  if (id.length > uuidLength)
    return { line, exceptionId: excerpt(id), problem: 'The id must be the UUID that was exported.' };
  if (!/^[1-9][0-9]{0,8}$/.test(version))
    return { line, exceptionId: id, problem: 'The version must be the number that was exported.' };
  const order = { id, expectedVersion: Number(version), commands: commandsFor(cells) };
  return { line, size, order, resolves: resolution !== '' };
}

/** A resolution resolves; without one, another assignee assigns and an emptied one unassigns. */
const commandsFor =
  ({ assignee, resolution = '', reason = '' }: EditedCells) =>
  (exception: ReconException): readonly ExceptionCommand[] => {
    if (resolution) return [{ type: 'resolve', resolution, ...(reason && { reason }) }];
    if (assignee === undefined || assignee === (exception.assignedTo ?? '')) return [];
    return assignee === '' ? [{ type: 'unassign' }] : [{ type: 'assign', assignee }];
  };
