import { applyDecorators } from '@nestjs/common';
import { ApiQuery } from '@nestjs/swagger';
import { invalidRequest } from '../problems/problem';
import { TakesQuery } from './preconditions';

export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

/** How one query parameter is read: the text it came as, or what is wrong with it. */
export type Parameter = Readonly<{
  description: string;
  schema: Readonly<Record<string, unknown>>;
  /** Repeatable and comma-separated; the others may be given once. */
  list?: boolean;
  /** An empty value is not given. Filters do not have this, since a list without one chooses more. */
  mayBeEmpty?: boolean;
  fault: (value: string) => string | undefined;
}>;

/** The one table for reading, refusing and documenting the parameters of a route. */
export type ParameterTable = Readonly<Record<string, Parameter>>;

/** Describes the parameters of a route from the table that reads them. */
export const QueryParameters = (parameters: ParameterTable): MethodDecorator =>
  applyDecorators(
    TakesQuery(true),
    ...Object.entries(parameters).map(([name, { description, schema, list }]) =>
      ApiQuery({ name, required: false, description, schema, ...(list && { style: 'form', explode: true }) }),
    ),
  );

/** What was given for each parameter: all of it, or the one value of those that may be given once. */
export type Given = Readonly<{
  all: (name: string) => readonly string[] | undefined;
  one: (name: string) => string | undefined;
}>;

/** More values than a person types, fewer than a query plan minds. */
export const maxValues = 100;

/** The values of each parameter that was given, checked; a wrong or unknown one is refused by name, after `within`. */
export function readQuery(query: Query, parameters: ParameterTable, within = ''): Given {
  // A map, since a parameter may be called __proto__.
  const fields = new Map<string, string>();
  const values = new Map<string, readonly string[]>();
  const known = `is not a parameter of this list; known are ${Object.keys(parameters).join(', ')}`;
  for (const [name, given] of Object.entries(query)) {
    const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (!parameter) {
      fields.set(within + name, known);
      continue;
    }
    const texts = given === undefined ? [] : typeof given === 'string' ? [given] : given;
    if (parameter.mayBeEmpty && texts.length && texts.every((text) => text === '')) continue;
    const list = parameter.list ? splitAll(texts) : texts;
    const problem = problemWith(list, parameter);
    if (problem) fields.set(within + name, problem);
    else values.set(name, list);
  }
  if (fields.size) throw invalidRequest(fields);
  return { all: (name) => values.get(name), one: (name) => values.get(name)?.[0] };
}

function problemWith(list: readonly string[], parameter: Parameter): string | undefined {
  if (list.length === 0) return 'must not be empty';
  if (!parameter.list && list.length > 1) return 'must be given once';
  if (list.length > maxValues) return `must have at most ${maxValues} values`;
  return list.map(parameter.fault).find((problem) => problem !== undefined);
}

/** a,"b, c" → a | b, c. Stops once there are more values than may be, of which a filter in a body can hold any number. */
function splitAll(texts: readonly string[]): string[] {
  const list: string[] = [];
  for (const text of texts) {
    for (const [whole, quoted] of text.matchAll(/"((?:[^"]|"")*)"(?=,|$)|[^,]+/g)) {
      list.push(quoted === undefined ? whole : quoted.replaceAll('""', '"'));
      if (list.length > maxValues) return list;
    }
  }
  return list;
}

/** A member of a filter, where there is something to filter by. */
export const whenSet = <K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> =>
  value === undefined ? {} : ({ [key]: value } as Record<K, V>);
