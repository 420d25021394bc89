import { resolvingCommands, type ResolvingCommand } from './commands';
import type { Refusal } from '../refusal';
import { firstFlaw, invalid, textFlaw, type Flaw } from '../value/validation';
import { cut, limits } from '../value/text';

/** The commands that give a reason for good: it stays with the exception as its `resolutionReason`. */
export const reasonedCommands = resolvingCommands;
export type ReasonedCommand = (typeof reasonedCommands)[number];

export const maxReasonCodes = 200;

/** A code as it is given, letter by letter, and what it means. One that is not `active` is known, but taken no more. */
export type ReasonCode = Readonly<{ code: string; label: string; active?: boolean }>;

/** What a tenant's people may give as the reason of each command. */
export type ReasonCodes = Readonly<Record<ReasonedCommand, 'free_text' | readonly ReasonCode[]>>;

/** The codes that are taken; a command that is not named takes any text. */
export type AcceptedReasons = Readonly<Partial<Record<ReasonedCommand, readonly string[]>>>;

/** What there is to know of the lists to decide on a command: not what is long about them. */
export function acceptedReasons(codes: ReasonCodes): AcceptedReasons {
  const accepted: Partial<Record<ReasonedCommand, readonly string[]>> = {};
  for (const command of reasonedCommands) {
    const list = codes[command];
    if (list !== 'free_text') accepted[command] = list.filter(isActive).map(({ code }) => code);
  }
  return accepted;
}

const isActive = ({ active = true }: ReasonCode): boolean => active;

/** As many of the codes as a refusal names: a thousand exceptions may be refused alike. */
const codesTold = 20;

/**
 * Why the reason of this command is none, where a list says which there are. To give none at all, where that is
 * allowed otherwise, is no way around the list.
 */
export function unlistedReason(
  command: ResolvingCommand,
  accepted: AcceptedReasons | undefined,
): Refusal | undefined {
  const codes = accepted?.[command.type];
  if (!codes) return undefined;
  const { field, given } = reasonOf(command);
  if (given !== undefined && codes.includes(given)) return undefined;
  const more = codes.length - codesTold;
  return {
    code: 'reason_not_listed',
    field,
    ...(given !== undefined && { given: cut(given, limits.reasonCode) }),
    allowed: codes.slice(0, codesTold),
    ...(more > 0 && { more }),
  };
}

function reasonOf(command: ResolvingCommand): { field: string; given: string | undefined } {
  switch (command.type) {
    case 'force_match':
      return { field: 'overrideReason', given: command.overrideReason };
    case 'adjust_entry':
      return { field: 'reasonCode', given: command.reasonCode };
    case 'resolve':
      return { field: 'reason', given: command.reason };
    default:
      return command satisfies never;
  }
}

/** What is malformed about the lists. */
export const reasonCodesFlaw = (codes: ReasonCodes): Flaw =>
  firstFlaw(...reasonedCommands.map((command) => listFlaw(codes[command], command)));

function listFlaw(list: ReasonCodes[ReasonedCommand], at: string): Flaw {
  if (list === 'free_text') return undefined;
  if (list.length > maxReasonCodes) return invalid(at, `may have at most ${maxReasonCodes} codes`);
  if (!list.some(isActive))
    return invalid(at, 'must have a code that is active, or nobody could give this command');
  return firstFlaw(...list.map((entry, i) => codeFlaw(entry, `${at}[${i}]`)), repetitionIn(list, at));
}

const codeFlaw = ({ code, label }: ReasonCode, at: string): Flaw =>
  firstFlaw(
    textFlaw(`${at}.code`, code, limits.reasonCode),
    // Codes are compared as they are, so nobody would see why one is refused.
    code.trim() === code ? undefined : invalid(`${at}.code`, 'must not begin or end with a blank'),
    textFlaw(`${at}.label`, label, limits.reasonLabel),
  );

function repetitionIn(list: readonly ReasonCode[], at: string): Flaw {
  const codes = list.map(({ code }) => code);
  const again = codes.findIndex((code, i) => codes.indexOf(code) < i);
  return again < 0 ? undefined : invalid(`${at}[${again}].code`, 'is in the list twice');
}
