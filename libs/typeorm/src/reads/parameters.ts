/** Numbered parameters in the order in which they are asked for, and the conditions that need them. */
export class Parameters {
  readonly values: unknown[] = [];

  next(value: unknown, type: string): string {
    this.values.push(value);
    return `$${this.values.length}::${type}`;
  }

  anyOf(column: string, values: readonly (string | number)[] | undefined, type = 'text'): string[] {
    if (!values) return [];
    // Said as an equality where it is one: only behind an equality is an index still in order.
    if (values.length === 1) return [`${column} = ${this.next(values[0], type)}`];
    return [`${column} = ANY(${this.next(values, `${type}[]`)})`];
  }

  compared(column: string, operator: '>=' | '<', value: string | undefined, type: string): string[] {
    return value === undefined ? [] : [`${column} ${operator} ${this.next(value, type)}`];
  }
}
