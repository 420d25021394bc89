import { resolvingCommands, type ResolvingCommand } from './commands';
import type { DualControl } from './approval';
import type { Money } from '../value/money';
import { severities, type Severity } from '../value/severity';
import { amountsAtStake, type Approvable, type Judged, type Stake } from './stake';

/** The commands that an approval rule can be about. */
export const approvableCommands = resolvingCommands;
/** The commands that a proposal may be of. The rules of `adjust_entry` apply to a reversal. */
export const proposedCommands = [...resolvingCommands, 'reverse'] as const;
/** The roles that a rule can bar from approving, beside the proposer. */
export const barredFromApproval = ['assigner'] as const;
/** The most approvers that one rule can ask for. */
export const maxApprovers = 3;
/** The most rules that one approval policy can have. */
export const maxApprovalRules = 100;

/** A case in which a resolution needs more than one person. A field that is left out does not restrict the rule. */
export type ApprovalRule = Readonly<{
  command: ResolvingCommand['type'];
  currency?: string;
  /** A decimal in the currency of the amount, sign aside. */
  minimumAmount?: string;
  /** Applies to this severity, and to a higher one unless a rule of that is stricter. */
  severity?: Severity;
  /** The number of approvers: different people, and none of them the proposer. */
  approvers: number;
  /** The people who may not approve beside the proposer: the one who assigned the exception. */
  mayNotApprove?: readonly (typeof barredFromApproval)[number][];
}>;

/** The terms of an approval policy: its rules, and which requests of administrators take more than one person. */
export type ApprovalTerms = Readonly<{
  /** For each amount at stake the first rule that fits decides, and of those the strictest. Where none fits, none is needed. */
  rules: readonly ApprovalRule[];
  /** Changes that may weaken the policy. */
  policyChanges?: DualControl;
  /** Connecting, changing and deleting the connection to the ledger. */
  ledgerChanges?: DualControl;
  /** Answers for dispatches that were given up. */
  answers?: DualControl;
}>;

/** An approval policy in force. */
export type ApprovalPolicy = ApprovalTerms & Readonly<{ version: number }>;

/**
 * The rule that asks for approval of this command, if there is one; exact to the digit. Every way to a resolution or a
 * posting asks here. A further amount, an amount in a currency that no rule names, or a higher severity never needs fewer
 * approvers.
 */
export function needsApproval(
  exception: Judged,
  command: Approvable,
  policy: ApprovalPolicy | undefined,
): ApprovalRule | undefined {
  if (!policy) return undefined;
  const about = policy.rules.filter((rule) => rule.command === command.type);
  if (!about.length) return undefined;
  const stakes = amountsAtStake(exception, command);
  const deciding = new Set(
    upTo(exception.severity).flatMap((severity) => {
      const rules = about.filter((rule) => rule.severity === undefined || rule.severity === severity);
      return stakes.flatMap((amount) => rulesFor(amount, rules));
    }),
  );
  return strictest(about.filter((rule) => deciding.has(rule)));
}

/** All severities up to this one: a report may raise the severity, which must not evade the rules of a lower one. */
const upTo = (severity: Severity): readonly Severity[] =>
  severities.slice(0, severities.indexOf(severity) + 1);

/**
 * The rules that decide on an amount. An unknown amount may be any, and an amount in a currency that no rule names may be
 * worth any amount that they name: all rules that could apply decide, since one approval too many is the safe side.
 */
function rulesFor(amount: Stake, rules: readonly ApprovalRule[]): readonly ApprovalRule[] {
  if (!amount) return rules;
  const isForeign =
    rules.some(({ currency }) => currency !== undefined) &&
    rules.every(({ currency }) => currency !== amount.currency);
  if (isForeign) return rules.filter((rule) => rule.currency !== undefined || reaches(amount, rule));
  const first = rules.find(
    (rule) => (rule.currency === undefined || rule.currency === amount.currency) && reaches(amount, rule),
  );
  return first ? [first] : [];
}

const reaches = ({ amount }: Money, { minimumAmount }: ApprovalRule): boolean =>
  minimumAmount === undefined || compareDecimals(amount.replace('-', ''), minimumAmount) >= 0;

/** The rule with the most approvers, the first of several, with the people that any of the rules bars. */
function strictest([first, ...others]: readonly ApprovalRule[]): ApprovalRule | undefined {
  if (!first) return undefined;
  const most = others.reduce((a, b) => (b.approvers > a.approvers ? b : a), first);
  const barred = [...new Set([first, ...others].flatMap(({ mayNotApprove = [] }) => mayNotApprove))];
  return barred.length > (most.mayNotApprove?.length ?? 0) ? { ...most, mayNotApprove: barred } : most;
}

/** Compares two plain decimals without a sign. */
function compareDecimals(a: string, b: string): number {
  const digits = Math.max(fraction(a).length, fraction(b).length);
  const scaled = (text: string) => BigInt(text.split('.')[0] + fraction(text).padEnd(digits, '0'));
  const [left, right] = [scaled(a), scaled(b)];
  return left < right ? -1 : Number(left > right);
}

const fraction = (text: string): string => text.split('.')[1] ?? '';
