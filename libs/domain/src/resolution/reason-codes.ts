import { resolvingCommands, type ResolvingCommand } from './commands';
import type { Refusal } from '../refusal';
import { invalid, text, validateEach, type Checks, type Invalid } from '../value/validation';
import { cut, limits } from '../value/text';

/** The commands whose reason is kept as the `resolutionReason` of the exception. */
export const reasonedCommands = resolvingCommands;
/** A command that has a reason. */
export type ReasonedCommand = (typeof reasonedCommands)[number];

/** The most codes that the list of one command can have. */
export const maxReasonCodes = 200;

/** A code, compared letter by letter, and its meaning. One that is not `active` is known, but not accepted any more. */
export type ReasonCode = Readonly<{ code: string; label: string; active?: boolean }>;

/** The reasons that people of a tenant may give for each command. */
export type ReasonCodes = Readonly<Record<ReasonedCommand, 'free_text' | readonly ReasonCode[]>>;

/** The accepted codes; a command that is not listed accepts any text. */
export type AcceptedReasons = Readonly<Partial<Record<ReasonedCommand, readonly string[]>>>;

/** The part of the lists that a decision needs: no labels, no inactive codes. */
export function acceptedReasons(codes: ReasonCodes): AcceptedReasons {
  const accepted: Partial<Record<ReasonedCommand, readonly string[]>> = {};
  for (const command of reasonedCommands) {
    const list = codes[command];
    if (list !== 'free_text') accepted[command] = list.filter(isActive).map(({ code }) => code);
  }
  return accepted;
}

const isActive = ({ active = true }: ReasonCode): boolean => active;

/** The most codes that a refusal lists: one request may have a thousand refusals. */
const listedCodes = 20;

/** Refuses a reason that is not on the list of its command. Where there is a list, a missing reason is refused too. */
export function unlistedReason(
  command: ResolvingCommand,
  accepted: AcceptedReasons | undefined,
): Refusal | undefined {
  const codes = accepted?.[command.type];
  if (!codes) return undefined;
  const { field, given } = reasonOf(command);
  if (given !== undefined && codes.includes(given)) return undefined;
  const more = codes.length - listedCodes;
  return {
    code: 'reason_not_listed',
    field,
    ...(given !== undefined && { given: cut(given, limits.reasonCode) }),
    allowed: codes.slice(0, listedCodes),
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

/** Why the lists are malformed. */
export function validateReasonCodes(codes: ReasonCodes): Invalid | undefined {
  for (const command of reasonedCommands) {
    const malformed = validateList(codes[command], command);
    if (malformed) return malformed;
  }
  return undefined;
}

const reasonText = text(limits.reasonCode);

const checks: Partial<Checks<ReasonCode>> = {
  code: (field, code, whole) =>
    reasonText(field, code, whole) ??
    // Codes are compared as they are, and people cannot see a blank at an end.
    (code.trim() === code ? undefined : invalid(field, 'must not begin or end with a blank')),
  label: text(limits.reasonLabel),
};

function validateList(list: ReasonCodes[ReasonedCommand], at: string): Invalid | undefined {
  if (list === 'free_text') return undefined;
  if (list.length > maxReasonCodes) return invalid(at, `may have at most ${maxReasonCodes} codes`);
  if (!list.some(isActive))
    return invalid(at, 'must have a code that is active, or nobody could give this command');
  return validateEach(list, checks, at) ?? duplicateIn(list, at);
}

function duplicateIn(list: readonly ReasonCode[], at: string): Invalid | undefined {
  const codes = list.map(({ code }) => code);
  const again = codes.findIndex((code, i) => codes.indexOf(code) < i);
  return again < 0 ? undefined : invalid(`${at}[${again}].code`, 'is in the list twice');
}
