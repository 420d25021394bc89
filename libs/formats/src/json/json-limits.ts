/**
 * What one JSON text may hold. A text beyond a limit is refused where it goes beyond, before the rest is read, so the
 * cost of a body is bounded by these numbers and not by what later code does with many small values.
 */
export type JsonLimits = Readonly<{
  /** Objects and arrays within each other; it also bounds the reader's recursion. */
  depth: number;
  /** Members of one object. */
  members: number;
  /** Items of one array. */
  items: number;
  /** Values in all: every object, array, string, number, true, false and null. */
  values: number;
  /** UTF-16 units of one member name. */
  nameLength: number;
  /** Characters of one number as it is written. */
  numberLength: number;
  /**
   * Takes what a sender cannot help: what is nested deeper becomes null, and a text has U+FFFD for U+0000 and for a lone
   * surrogate. What two readers could understand differently is refused, and the other limits hold.
   */
  lenient?: boolean;
}>;

/** Every reader nests this deep; one level more is refused. */
export const maxDepth = 32;

/**
 * The body of a request. The largest things a route takes are 1,000 ids in a bulk command, 600 reason codes with their
 * labels, and the free-form payload of a callback: 20,000 characters, so at most 10,000 items or 3,300 members.
 */
export const requestLimits: JsonLimits = {
  depth: maxDepth,
  members: 4000,
  items: 10_000,
  values: 20_000,
  nameLength: 1000,
  numberLength: 1000,
};

/**
 * A line of an imported file, or the JSON in a cell of one: a report has at most 50 metadata keys and 50 differences of
 * three texts each.
 */
export const lineLimits: JsonLimits = {
  ...requestLimits,
  members: 500,
  items: 500,
  values: 2000,
};

/**
 * A signed message of an external system, which describes a whole ticket: a site of Jira has up to thousands of custom
 * fields, and a comment in its document format has several values for each word that is emphasized.
 */
export const messageLimits: JsonLimits = {
  ...requestLimits,
  members: 10_000,
  values: 100_000,
  lenient: true,
};
