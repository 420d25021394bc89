import { resolvingCommands, type ResolvingCommand } from '../exception/exception.lifecycle';
import { money, type Money } from '../value/money';
import { minorDigits } from '../value/currency';
import { firstFlaw, invalid, oneOfFlaw, type Flaw } from '../value/shape';
import { severities, type Severity } from '../value/severity';

export const approvableCommands = resolvingCommands;
export const barredFromApproval = ['assigner'] as const;
export const maxApprovers = 3;
export const maxApprovalRules = 100;

/** Where resolving takes more than one person. What is left out does not restrict. */
export type ApprovalRule = Readonly<{
  command: ResolvingCommand['type'];
  currency?: string;
  /** A decimal in units of whatever currency the amount has, sign aside. */
  minimumAmount?: string;
  /** Of this severity exactly. */
  severity?: Severity;
  /** How many have to approve: each somebody else, and none of them the proposer. */
  approvers: number;
  /** Who may not approve beside the proposer: whoever assigned the exception. */
  mayNotApprove?: readonly (typeof barredFromApproval)[number][];
}>;

/** The first rule that fits decides; where none does, whoever resolves needs nobody. */
export type ApprovalPolicy = Readonly<{ version: number; rules: readonly ApprovalRule[] }>;

/** What of an exception a rule may go by. */
type Judged = Readonly<{ amount?: Money; severity: Severity }>;

/** The rule that asks for approval of this command, if there is one. Pure, and exact to the digit. */
export const needsApproval = (
  exception: Judged,
  command: ResolvingCommand,
  policy: ApprovalPolicy | undefined,
): ApprovalRule | undefined =>
  policy?.rules.find(
    (rule) =>
      rule.command === command.type &&
      (rule.severity === undefined || rule.severity === exception.severity) &&
      fitsAmount(rule, amountAtStake(exception, command)),
  );

/** What is posted, or where nothing is, what the exception is about. */
function amountAtStake({ amount }: Judged, command: ResolvingCommand): Money | undefined {
  if (command.type !== 'adjust_entry') return amount;
  const posted = money(command.amount, command.currency);
  return posted.ok ? posted.value : undefined;
}

/** An amount that is not known may be any, so it fits: a second look too many is better than one too few. */
function fitsAmount({ currency, minimumAmount }: ApprovalRule, amount: Money | undefined): boolean {
  if (!amount) return true;
  if (currency !== undefined && currency !== amount.currency) return false;
  return minimumAmount === undefined || compared(amount.amount.replace('-', ''), minimumAmount) >= 0;
}

/** Two plain decimals without a sign. */
function compared(a: string, b: string): number {
  const digits = Math.max(fraction(a).length, fraction(b).length);
  const scaled = (text: string) => BigInt(text.split('.')[0] + fraction(text).padEnd(digits, '0'));
  const [left, right] = [scaled(a), scaled(b)];
  return left < right ? -1 : Number(left > right);
}

const fraction = (text: string): string => text.split('.')[1] ?? '';

/** What is malformed about the rules of a policy. */
export function approvalRulesFlaw(rules: readonly ApprovalRule[]): Flaw {
  if (rules.length > maxApprovalRules) return invalid('rules', `may be at most ${maxApprovalRules}`);
  return firstFlaw(...rules.map((rule, i) => ruleFlaw(rule, `rules[${i}]`)));
}

const ruleFlaw = (rule: ApprovalRule, at: string): Flaw =>
  firstFlaw(
    oneOfFlaw(`${at}.command`, rule.command, approvableCommands),
    rule.currency !== undefined && minorDigits(rule.currency) === undefined
      ? invalid(`${at}.currency`, 'must be a current ISO 4217 currency such as EUR')
      : undefined,
    rule.minimumAmount !== undefined && !/^(0|[1-9]\d{0,19})(\.\d{1,4})?$/.test(rule.minimumAmount)
      ? invalid(
          `${at}.minimumAmount`,
          'must be a decimal such as 1000.00, not negative, with at most 4 fraction digits',
        )
      : undefined,
    oneOfFlaw(`${at}.severity`, rule.severity, severities),
    ...(rule.mayNotApprove ?? []).map((who) => oneOfFlaw(`${at}.mayNotApprove`, who, barredFromApproval)),
    Number.isInteger(rule.approvers) && rule.approvers >= 1 && rule.approvers <= maxApprovers
      ? undefined
      : invalid(`${at}.approvers`, `must be a whole number from 1 to ${maxApprovers}`),
  );
