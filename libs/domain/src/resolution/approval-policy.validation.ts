import { minorDigits } from '../value/currency';
import { severities } from '../value/severity';
import { invalid, oneOf, validateEach, type Checks, type Invalid } from '../value/validation';
import {
  approvableCommands,
  barredFromApproval,
  maxApprovalRules,
  maxApprovers,
  type ApprovalRule,
  type ApprovalTerms,
} from './approval-policy';
import type { DualControl } from './approval';

const barred = oneOf(barredFromApproval);

const checks: Partial<Checks<ApprovalRule>> = {
  command: oneOf(approvableCommands),
  currency: (field, currency) =>
    currency !== undefined && minorDigits(currency) === undefined
      ? invalid(field, 'must be a current ISO 4217 currency such as EUR')
      : undefined,
  minimumAmount: (field, amount) =>
    amount !== undefined && !/^(0|[1-9]\d{0,19})(\.\d{1,4})?$/.test(amount)
      ? invalid(field, 'must be a decimal such as 1000.00, not negative, with at most 4 fraction digits')
      : undefined,
  severity: oneOf(severities),
  mayNotApprove: (field, list = [], whole) =>
    list.map((who) => barred(field, who, whole)).find((failure) => failure !== undefined),
  approvers: (field, approvers) =>
    Number.isInteger(approvers) && approvers >= 1 && approvers <= maxApprovers
      ? undefined
      : invalid(field, `must be a whole number from 1 to ${maxApprovers}`),
};

const control = (field: string, given: DualControl | undefined): Invalid | undefined =>
  given && checks.approvers?.(`${field}.approvers`, given.approvers, given as ApprovalRule);

/** Why the terms of a policy are malformed. */
export const validateApprovalTerms = (terms: ApprovalTerms): Invalid | undefined =>
  validateApprovalRules(terms.rules) ??
  control('policyChanges', terms.policyChanges) ??
  control('ledgerChanges', terms.ledgerChanges) ??
  control('answers', terms.answers);

/** Why the rules of a policy are malformed. */
export const validateApprovalRules = (rules: readonly ApprovalRule[]): Invalid | undefined =>
  rules.length > maxApprovalRules
    ? invalid('rules', `may be at most ${maxApprovalRules}`)
    : validateEach(rules, checks, 'rules');
