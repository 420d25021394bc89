import type { Parser } from './parsers';

export interface Variable<T> {
  readonly name: string;
  readonly description: string;
  readonly parser: Parser<T>;
  readonly required?: true;
  /** Text that is parsed when the variable is not set. */
  readonly default?: string;
  /** What happens, in words, when the variable is not set and has no default. */
  readonly otherwise?: string;
}

export const withDefault = <T>(
  name: string,
  fallback: string,
  parser: Parser<T>,
  description: string,
): Variable<T> => ({
  name,
  description,
  parser,
  default: fallback,
});
export const required = <T>(name: string, parser: Parser<T>, description: string): Variable<T> => ({
  name,
  description,
  parser,
  required: true,
});
export const optional = <T>(
  name: string,
  otherwise: string,
  parser: Parser<T>,
  description: string,
): Variable<T | undefined> => ({ name, description, parser, otherwise });
