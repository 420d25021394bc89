import type { Context } from '../change';
import type { Addressee } from '../dispatch/dispatch.lifecycle';
import type { ApprovalPolicy } from '../resolution/approval-policy';
import type { Refusal } from '../refusal';
import type { AcceptedReasons } from '../resolution/reason-codes';
import type { Policy } from './policy';
import type { ReconException } from './recon-exception';

/** Facts beyond the exception itself that rules need. A store loads them with the exception. */
export type ExceptionFacts = Readonly<{
  activeDisputes: readonly Readonly<{ id: string; category: string }>[];
  /** Tickets that external systems have or will get. */
  liveDispatches: readonly Readonly<{ id: string; target: Addressee; externalReference?: string }>[];
  /** It has had as many comments as it may have, the deleted ones included: `limits.comments`. */
  commentsFull?: true;
  /** The tenant's present approval policy. */
  approvalPolicy?: ApprovalPolicy;
  /** The reason codes that the tenant accepts at present. */
  reasonCodes?: AcceptedReasons;
  /** The tenant's books are kept in an external ledger. */
  ledger?: true;
  /** Where a reversal is proposed: the unresolved exception of the same transaction and reason, if there is one. */
  unresolved?: ReconException;
}>;

/**
 * The facts of an exception that has neither disputes nor tickets, in a tenant without settings. For tests of rules.
 */
export const noFacts: ExceptionFacts = { activeDisputes: [], liveDispatches: [] };

/** The actor of a command, and its time. */
export type Asker = Pick<Context, 'actor' | 'now'>;

/** All that a rule may depend on beside the command. */
export type Situation = Asker &
  Readonly<{ exception: ReconException; facts: ExceptionFacts; policy: Policy }>;

/** A rule that depends on the content of the command as well. */
export type ContentRule<Command> = (now: Situation, command: Command) => Refusal | undefined;
