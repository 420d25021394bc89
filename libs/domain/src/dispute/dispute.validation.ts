import { limits } from '../value/text';
import {
  commandType,
  invalid,
  oneOf,
  text,
  validate,
  type Check,
  type Checks,
  type Invalid,
} from '../value/validation';
import {
  disputeCategories,
  type DisputeCommand,
  type DisputeCommandType,
  type DisputeOpening,
} from './dispute.lifecycle';

/** Why an opening is malformed. */
export const validateOpening = (opening: DisputeOpening): Invalid | undefined =>
  validate(opening, {
    category: oneOf(disputeCategories),
    description: text(limits.disputeDescription),
  });

/** https, a host, no white space or control characters; RFC 3986 leaves the rest to the server that holds the file. */
const httpsUrl = /^https:\/\/[^\s\p{Cc}\p{Cs}/?#\\@]+([/?#][^\s\p{Cc}\p{Cs}\\]*)?$/iu;

const fileUrl: Check<string | undefined> = (field, url) =>
  url === undefined || (url.length <= limits.fileUrl && httpsUrl.test(url))
    ? undefined
    : invalid(field, `must be an https URL of at most ${limits.fileUrl} characters`);

const outcome = { resolution: text(limits.disputeResolution) };

const checks: {
  readonly [T in DisputeCommandType]: Partial<Checks<Extract<DisputeCommand, { type: T }>>>;
} = {
  open: {},
  request_evidence: { note: text(limits.requestNote) },
  submit_evidence: { comment: text(limits.evidenceComment), fileUrl },
  win: outcome,
  lose: outcome,
  reopen: { reason: text(limits.reopenReason) },
};

/** Why a command is malformed, whatever the dispute. */
export const validateCommand = (command: DisputeCommand): Invalid | undefined =>
  commandType(Object.keys(checks), command.type) ??
  // The table is keyed by the type of the command, so its checks are those of this command.
  validate(command, checks[command.type] as Checks<DisputeCommand>);
