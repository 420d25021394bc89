/** One row as VALUES, many as arrays of texts that are unnested: the same columns under the same name either way. */
export function sourceOf(
  columns: readonly string[],
  types: readonly string[],
  first: number,
  many: boolean,
): string {
  const names = columns.join(', ');
  const parameters = (as: (type: string) => string) =>
    types.map((type, i) => `$${first + i}::${as(type)}`).join(', ');
  if (!many) return `(VALUES (${parameters((type) => type)})) AS x(${names})`;
  const cast = columns.map((column, i) => `${column}::${types[i] ?? 'text'} AS ${column}`).join(', ');
  return `(SELECT ${cast} FROM unnest(${parameters(() => 'text[]')}) AS texts(${names})) AS x`;
}
