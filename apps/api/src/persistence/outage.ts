import { isConnectionError, sqlState } from './connections';

/** What to tell a client when the database cannot answer just now; undefined when that is not the matter. */
export function outageOf(error: unknown): string | undefined {
  if (isConnectionError(error)) return 'The database cannot be reached; repeat the request in a moment.';
  switch (sqlState(error)) {
    case '57014':
      return 'The database took too long; narrow the request, or repeat it in a moment.';
    case 'RD001':
    case '40001':
    case '40P01':
    case '55P03':
      return 'Too many others are changing the same thing; repeat the request in a moment.';
    case '53100':
    case '53200':
      return 'The database is out of resources; repeat the request later.';
    default:
      return undefined;
  }
}
