/** A member of an object, or of objects within it; undefined where there is none. Inherited members do not count. */
export const member = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (inner, name) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, name)
        ? (inner as Readonly<Record<string, unknown>>)[name]
        : undefined,
    value,
  );

/** A text that is not empty. */
export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

export const listOf = (value: unknown): readonly unknown[] | undefined =>
  Array.isArray(value) ? (value as readonly unknown[]) : undefined;

/**
 * Reads the JSON of inbound messages. The host hands it in, so that the whole service reads JSON by one strict reader:
 * it refuses what two readers could understand differently, such as a member given twice, and bounds size and depth.
 */
export interface JsonReader {
  /** `problem` is a sentence for the sender; `path` names the member it is about, such as `issue.fields`. */
  read(
    body: Uint8Array,
  ): Readonly<{ ok: true; value: unknown }> | Readonly<{ ok: false; problem: string; path?: string }>;
  /** The digits of a number in a value that was read, as they were written; undefined when it is no number. */
  numberText(value: unknown): string | undefined;
}
