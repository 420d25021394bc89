import type { Timestamp } from './value/timestamp';

/** Who is asking, when, and where new ids come from. The domain reads no clock, session or random source by itself. */
export type Context = Readonly<{ actor: string; now: Timestamp; newId: () => string }>;

export type Json = string | number | boolean | null | readonly Json[] | Readonly<{ [member: string]: Json }>;

/** What a change did to each field: absent `from` = it was unset, absent `to` = it is unset now. */
export type FieldChanges = Readonly<Record<string, Readonly<{ from?: Json; to?: Json }>>>;

/**
 * One line of an exception's history. Changes of its disputes are lines of the same history.
 * Plain JSON, so that what was hashed, stored and published can be compared letter by letter.
 */
export type HistoryEvent<Type extends string = string> = Readonly<{
  id: string;
  type: Type;
  exceptionId: string;
  disputeId?: string;
  commentId?: string;
  dispatchId?: string;
  /** Version after the change: of the exception or, where its id is given, of the dispute or comment. */
  version: number;
  actor: string;
  at: Timestamp;
  changes: FieldChanges;
  /** Facts that are not fields: the adjustment posted, what was matched, the dispatch made, disputes active at the time. */
  data?: Readonly<Record<string, Json>>;
}>;

/** A state and the events that led to it travel together, so that neither can be saved alone. */
export type Change<State, Event extends HistoryEvent = HistoryEvent> = Readonly<{
  /** The version the decision was made on; 0 = the aggregate is new. A store refuses to save over any other. */
  basedOn: number;
  state: State;
  events: readonly Event[];
}>;

/** Fields to set; undefined unsets one, and only an optional field is ever unset. */
export type Patch<State> = { [F in keyof State]?: State[F] | undefined };

type Versioned = Readonly<{ version: number; updatedAt: Timestamp }>;

/** The next version of an aggregate. */
export function nextVersion<State extends Versioned>(
  before: State,
  patch: Patch<State>,
  ctx: Context,
): State {
  const all = { ...before, ...patch, version: before.version + 1, updatedAt: ctx.now };
  const state: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(all) as [string, unknown][])
    if (value !== undefined) state[field] = value;
  // What is unset is optional, so what is left is whole.
  return state as State;
}

/** Bookkeeping every change touches; a history that repeats it says nothing. */
const untold = new Set(['version', 'updatedAt']);

/** The fields that differ between two states of an aggregate, told as `from` and `to`. */
export function fieldChanges(before: object | undefined, after: object): FieldChanges {
  if (!before) return firstValues(after);
  const from = before as Readonly<Record<string, unknown>>;
  const to = after as Readonly<Record<string, unknown>>;
  const changes: Record<string, { from?: Json; to?: Json }> = {};
  const tell = (field: string): void => {
    if (same(from[field], to[field]) || untold.has(field)) return;
    // States are plain JSON by construction: text, numbers, lists and records of them.
    changes[field] = {
      ...(from[field] !== undefined && { from: from[field] as Json }),
      ...(to[field] !== undefined && { to: to[field] as Json }),
    };
  };
  for (const field in from) tell(field);
  for (const field in to) if (!(field in from)) tell(field);
  return changes;
}

/** Of a new aggregate there is nothing to compare, and files bring very many of them. */
function firstValues(after: object): FieldChanges {
  const changes: Record<string, { to: Json }> = {};
  for (const [field, value] of Object.entries(after) as [string, Json | undefined][])
    if (value !== undefined && !untold.has(field)) changes[field] = { to: value };
  return changes;
}

const same = (a: unknown, b: unknown): boolean =>
  a === b || (typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b));
