type MayBeUndefined<T> = { [F in keyof T]: undefined extends T[F] ? F : never }[keyof T];

/** `T` without its undefined fields: a field that may be undefined becomes optional. */
export type Defined<T> = Omit<T, MayBeUndefined<T> & keyof T> & {
  [F in MayBeUndefined<T> & keyof T]?: Exclude<T[F], undefined>;
};

/**
 * The fields that have a value, in their order. States, events and rows are plain JSON, where a field without a value is
 * left out.
 */
export function defined<T extends object>(fields: T): Defined<T> {
  const set: Record<string, unknown> = {};
  for (const field of Object.keys(fields)) {
    const value = fields[field as keyof T];
    if (value !== undefined) set[field] = value;
  }
  return set as Defined<T>;
}
