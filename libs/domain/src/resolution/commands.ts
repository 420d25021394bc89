import type { Timestamp } from '../value/timestamp';
import type { Counterpart } from './counterpart';

/** The directions of an adjustment. */
export const directions = ['DEBIT', 'CREDIT'] as const;
/** Whether an adjustment debits or credits the account. */
export type Direction = (typeof directions)[number];

/** Resolve by declaring that the transaction matches although the rules say it does not. */
export type ForceMatch = Readonly<{
  type: 'force_match';
  overrideReason: string;
  notes: string;
  /** The transactions that it matches. */
  counterparts?: readonly Counterpart[];
  /** Match also where the counterparts leave more than is tolerated. */
  acceptResidual?: boolean;
}>;

/** Resolve by posting the difference. `amount` is a decimal lexeme such as `150.5`: exact, never a float. */
export type AdjustEntry = Readonly<{
  type: 'adjust_entry';
  amount: string;
  currency: string;
  /** Default DEBIT. */
  direction?: Direction;
  effectiveAt: Timestamp;
  reasonCode: string;
  notes: string;
}>;

/** Resolve without touching the books. */
export type Resolve = Readonly<{ type: 'resolve'; resolution: string; reason?: string }>;

/** A command that resolves an exception. */
export type ResolvingCommand = ForceMatch | AdjustEntry | Resolve;

/** The commands that resolve an exception, by their names. */
export const resolvingCommands = [
  'force_match',
  'adjust_entry',
  'resolve',
] as const satisfies readonly ResolvingCommand['type'][];

export const isResolving = (command: Readonly<{ type: string }>): command is ResolvingCommand =>
  (resolvingCommands as readonly string[]).includes(command.type);

/** A resolution that changes the books. A plain resolve only says that nothing has to change. */
export type BookedResolution = Exclude<ResolvingCommand, { type: 'resolve' }>;

export const isBooked = (resolution: Readonly<{ type: string }>): resolution is BookedResolution =>
  resolution.type === 'force_match' || resolution.type === 'adjust_entry';
