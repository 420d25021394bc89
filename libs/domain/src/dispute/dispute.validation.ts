import { firstFlaw, invalid, oneOfFlaw, textFlaw, type Flaw } from '../value/validation';
import { limits } from '../value/text';
import { disputeCategories, type DisputeCommand, type DisputeOpening } from './dispute.lifecycle';

/** What is malformed about an opening. */
export const openingFlaw = ({ category, description }: DisputeOpening): Flaw =>
  firstFlaw(
    oneOfFlaw('category', category, disputeCategories),
    textFlaw('description', description, limits.disputeDescription),
  );

/** What is malformed about a command, whatever the dispute. */
export function commandFlaw(command: DisputeCommand): Flaw {
  switch (command.type) {
    case 'open':
      return undefined;
    case 'request_evidence':
      return textFlaw('note', command.note, limits.requestNote);
    case 'submit_evidence':
      return firstFlaw(
        textFlaw('comment', command.comment, limits.evidenceComment),
        fileUrlFlaw(command.fileUrl),
      );
    case 'win':
    case 'lose':
      return textFlaw('resolution', command.resolution, limits.disputeResolution);
    case 'reopen':
      return textFlaw('reason', command.reason, limits.reopenReason);
    default:
      return command satisfies never;
  }
}

/** https, a host, no white space or control characters; RFC 3986 leaves the rest to the server that holds the file. */
const httpsUrl = /^https:\/\/[^\s\p{Cc}\p{Cs}/?#\\@]+([/?#][^\s\p{Cc}\p{Cs}\\]*)?$/iu;

const fileUrlFlaw = (url: string | undefined): Flaw =>
  url === undefined || (url.length <= limits.fileUrl && httpsUrl.test(url))
    ? undefined
    : invalid('fileUrl', `must be an https URL of at most ${limits.fileUrl} characters`);
