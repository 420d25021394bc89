import { types, type FieldDef, type PoolClient, type Submittable } from 'pg';
import { momentOf } from './timestamp-parser';
import type { Row } from '../entities/entity-schemas';

/** A statement that is sent ahead of another one, in the same transaction and the same round trip. */
export type Prelude = Readonly<{ text: string; values: readonly string[] }>;

/** The parts of the driver's connection that a query of one's own may use; cursors are made on the same seam. */
type Wire = Readonly<{
  stream: { cork: () => void; uncork: () => void };
  parsedStatements: Readonly<Record<string, string | undefined>>;
  parse: (statement: { name: string; text: string }) => void;
  bind: (values: { statement: string; values: readonly Parameter[] }) => void;
  describe: (portal: { type: 'P'; name: '' }) => void;
  execute: (all: { portal: ''; rows: 0 }) => void;
  sync: () => void;
}>;

type Parameter = string | Buffer | null;
type Column = Readonly<{ name: string; read: (text: string) => unknown }>;
/** `empty` is a row of nulls: filling a copy takes a third less time than adding one column after the other. */
type Columns = Readonly<{ list: readonly Column[]; empty: Row }>;

/** The columns of each prepared statement of a connection: as long as it is prepared, they cannot change. */
const described = new WeakMap<Wire, Map<string, Columns>>();

/**
 * Runs a statement, prepared where it has a name. The columns of a prepared one are asked for once per connection, since
 * describing them takes both sides time. All up to the one Sync message is one transaction to the server: when the
 * prelude fails, the statement is not run, and when the statement fails, what the prelude set is undone.
 */
export async function runOnWire(
  client: PoolClient,
  { name = '', text }: Readonly<{ name?: string; text: string }>,
  values: readonly unknown[],
  prelude?: Prelude,
): Promise<Row[]> {
  try {
    return await new Promise<Row[]>((resolve, reject) => {
      client.query(new WireQuery(name, text, values.map(parameter), prelude, resolve, reject));
    });
  } catch (error) {
    // As the driver does: where the statement was asked for tells more than where the answer was read.
    if (error instanceof Error) Error.captureStackTrace(error);
    throw error;
  }
}

class WireQuery implements Submittable {
  private readonly rows: Row[] = [];
  private columns: Columns | undefined;
  private known: Map<string, Columns> | undefined;
  private failure: unknown;
  private inPrelude: boolean;

  constructor(
    private readonly prepared: string,
    readonly text: string,
    private readonly values: readonly Parameter[],
    private readonly prelude: Prelude | undefined,
    private readonly resolve: (rows: Row[]) => void,
    private readonly reject: (error: unknown) => void,
  ) {
    this.inPrelude = prelude !== undefined;
  }

  /** What the driver records as prepared once a statement was parsed; the prelude, which comes first, is not. */
  get name(): string {
    return this.inPrelude ? '' : this.prepared;
  }

  submit(connection: unknown): null {
    const wire = connection as Wire;
    const { prepared: name, text, values, prelude } = this;
    if (name !== '') {
      this.known = columnsKnownTo(wire);
      this.columns = this.known.get(name);
    }
    wire.stream.cork();
    try {
      if (prelude) {
        wire.parse({ name: '', text: prelude.text });
        wire.bind({ statement: '', values: prelude.values });
        wire.execute({ portal: '', rows: 0 });
      }
      if (name === '' || wire.parsedStatements[name] === undefined) wire.parse({ name, text });
      wire.bind({ statement: name, values });
      if (!this.columns) wire.describe({ type: 'P', name: '' });
      wire.execute({ portal: '', rows: 0 });
      wire.sync();
    } finally {
      wire.stream.uncork();
    }
    return null;
  }

  handleRowDescription({ fields }: { fields: readonly FieldDef[] }): void {
    this.columns = {
      list: fields.map(({ name, dataTypeID }) => ({ name, read: readerOf(dataTypeID) })),
      empty: Object.fromEntries(fields.map(({ name }) => [name, null])),
    };
    this.known?.set(this.prepared, this.columns);
  }

  handleDataRow({ fields }: { fields: readonly (string | null)[] }): void {
    if (this.inPrelude) return;
    try {
      this.rows.push(this.read(fields));
    } catch (error) {
      this.failure ??= error;
    }
  }

  handleCommandComplete(): void {
    this.inPrelude = false;
  }

  handleReadyForQuery(): void {
    if (this.failure !== undefined) this.reject(this.failure);
    else this.resolve(this.rows);
  }

  handleError(error: unknown): void {
    this.reject(error);
  }

  private read(values: readonly (string | null)[]): Row {
    const { list, empty } = this.columns ?? noColumns;
    const row: Row = { ...empty };
    for (let i = 0; i < list.length; i++) {
      const { name, read } = list[i] as Column;
      const value = values[i] as string | null;
      if (value !== null) row[name] = read(value);
    }
    return row;
  }
}

const noColumns: Columns = { list: [], empty: {} };

function columnsKnownTo(wire: Wire): Map<string, Columns> {
  const known = described.get(wire) ?? new Map<string, Columns>();
  if (known.size === 0) described.set(wire, known);
  return known;
}

function parameter(value: unknown): Parameter {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || Buffer.isBuffer(value)) return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return arrayLiteral(value);
  throw new Error(`a statement does not take a value of type ${typeof value}`);
}

/** An array as PostgreSQL reads it: https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO */
function arrayLiteral(values: readonly unknown[]): string {
  const elements = values.map((value) => {
    const text = parameter(value);
    if (text === null) return 'NULL';
    if (typeof text !== 'string') throw new Error('an array of a statement does not take bytes');
    return `"${text.replace(/["\\]/g, '\\$&')}"`;
  });
  return `{${elements.join()}}`;
}

const timestamptz: number = types.builtins.TIMESTAMPTZ;
// Typed as if the driver knew every type there is; it takes any number, and reads what it does not know as text.
const parserOf = types.getTypeParser.bind(types) as unknown as (type: number) => Column['read'];

/** How a value of this type is read. */
export const readerOf = (type: number): Column['read'] => (type === timestamptz ? momentOf : parserOf(type));
