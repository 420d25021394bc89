import { resolvingCommands, type ResolvingCommand } from './commands';
import type { Money } from '../value/money';
import { severities, type Severity } from '../value/severity';
import { amountsAtStake, type Approvable, type Judged, type Stake } from './stake';

export const approvableCommands = resolvingCommands;
/** What a proposal may be of: a reversal is asked approval for by the rules about `adjust_entry`. */
export const proposedCommands = [...resolvingCommands, 'reverse'] as const;
export const barredFromApproval = ['assigner'] as const;
export const maxApprovers = 3;
export const maxApprovalRules = 100;

/** Where resolving takes more than one person. What is left out does not restrict. */
export type ApprovalRule = Readonly<{
  command: ResolvingCommand['type'];
  currency?: string;
  /** A decimal in units of whatever currency the amount has, sign aside. */
  minimumAmount?: string;
  /** Of this severity, and of a graver one where no rule of that is stricter. */
  severity?: Severity;
  /** How many have to approve: each somebody else, and none of them the proposer. */
  approvers: number;
  /** Who may not approve beside the proposer: whoever assigned the exception. */
  mayNotApprove?: readonly (typeof barredFromApproval)[number][];
}>;

/**
 * For each amount at stake the first rule that fits decides, and of those the strictest. Where none fits, one person is
 * enough.
 */
export type ApprovalPolicy = Readonly<{ version: number; rules: readonly ApprovalRule[] }>;

/**
 * The rule that asks for approval of this command, if there is one. Pure, and exact to the digit. Every way to a
 * resolution or a posting asks here. One more amount, one in a currency that no rule names, or a graver severity never
 * takes fewer approvers.
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

/** Whoever reports an exception may raise its severity, and must not get past a rule by that: all lower ones count too. */
const upTo = (severity: Severity): readonly Severity[] =>
  severities.slice(0, severities.indexOf(severity) + 1);

/**
 * An amount that is not known may be any, and a foreign one, in a currency that none of the rules names, may be worth
 * any of those they name: all that it could meet decide. A second look too many is better than one too few.
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
  minimumAmount === undefined || compared(amount.replace('-', ''), minimumAmount) >= 0;

/** The one with the most approvers, the first of several; whom any of them bars, it bars as well. */
function strictest([first, ...others]: readonly ApprovalRule[]): ApprovalRule | undefined {
  if (!first) return undefined;
  const most = others.reduce((a, b) => (b.approvers > a.approvers ? b : a), first);
  const barred = [...new Set([first, ...others].flatMap(({ mayNotApprove = [] }) => mayNotApprove))];
  return barred.length > (most.mayNotApprove?.length ?? 0) ? { ...most, mayNotApprove: barred } : most;
}

/** Two plain decimals without a sign. */
function compared(a: string, b: string): number {
  const digits = Math.max(fraction(a).length, fraction(b).length);
  const scaled = (text: string) => BigInt(text.split('.')[0] + fraction(text).padEnd(digits, '0'));
  const [left, right] = [scaled(a), scaled(b)];
  return left < right ? -1 : Number(left > right);
}

const fraction = (text: string): string => text.split('.')[1] ?? '';
