import { defined } from './value/defined';
import type { Timestamp } from './value/timestamp';

/**
 * The actor of a command, its time, and a source of new ids (UUIDv7). The domain reads no clock, session or random
 * source.
 */
export type Context = Readonly<{
  actor: string;
  now: Timestamp;
  /** UUIDv7 (RFC 9562), so that ids sort by time. */
  newId: () => string;
}>;

/** A JSON value (RFC 8259). Amounts are text in it, because a JSON number would be read as a float. */
export type Json = string | number | boolean | null | readonly Json[] | Readonly<{ [member: string]: Json }>;

/** The fields that a change has changed: without `from` a field was unset before, without `to` it is unset now. */
export type FieldChanges = Readonly<Record<string, Readonly<{ from?: Json; to?: Json }>>>;

/**
 * One line of the history of an exception, which includes the changes of its disputes, comments and dispatches. Plain
 * JSON, so that the hashed, the stored and the published event can be compared letter by letter.
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
  /** Facts that are not fields: the adjustment, the forced match, the dispatch, the disputes active at the time. */
  data?: Readonly<Record<string, Json>>;
}>;

/** A new state and the events that led to it: one value, so that neither is saved without the other. */
export type Change<State, Event extends HistoryEvent = HistoryEvent> = Readonly<{
  /** The version that was decided on; 0 for a new aggregate. A store refuses to save over any other version. */
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
  // Only optional fields are ever unset, so the result has all required ones.
  return defined({ ...before, ...patch, version: before.version + 1, updatedAt: ctx.now }) as object as State;
}

/** The aggregate that an event is about; `version` is that of the exception unless another id is given. */
type EventSubject = Pick<HistoryEvent, 'exceptionId' | 'disputeId' | 'commentId' | 'dispatchId' | 'version'>;

/** An event that happens now. */
export const historyEvent = <Type extends string>(
  type: Type,
  { version, ...ids }: EventSubject,
  changes: FieldChanges,
  { actor, now: at, newId }: Context,
  data?: HistoryEvent['data'],
): HistoryEvent<Type> => ({
  id: newId(),
  type,
  ...ids,
  version,
  actor,
  at,
  changes,
  ...(data && { data }),
});

/** Fields that every change touches; the history leaves them out. */
const unrecorded = new Set(['version', 'updatedAt']);

/** The fields that differ between two states of an aggregate, with their values before and after. */
export function fieldChanges(before: object | undefined, after: object): FieldChanges {
  if (!before) return firstValues(after);
  const from = before as Readonly<Record<string, unknown>>;
  const to = after as Readonly<Record<string, unknown>>;
  const changes: Record<string, { from?: Json; to?: Json }> = {};
  const compare = (field: string): void => {
    if (same(from[field], to[field]) || unrecorded.has(field)) return;
    // States are plain JSON by construction: text, numbers, lists and records of them.
    changes[field] = defined({ from: from[field] as Json | undefined, to: to[field] as Json | undefined });
  };
  for (const field in from) compare(field);
  for (const field in to) if (!(field in from)) compare(field);
  return changes;
}

/** A new aggregate has nothing to compare with. A fast path: a file raises very many of them. */
function firstValues(after: object): FieldChanges {
  const changes: Record<string, { to: Json }> = {};
  for (const [field, value] of Object.entries(after) as [string, Json | undefined][])
    if (value !== undefined && !unrecorded.has(field)) changes[field] = { to: value };
  return changes;
}

const same = (a: unknown, b: unknown): boolean =>
  a === b || (typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b));
