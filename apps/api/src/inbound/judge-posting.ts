import { decideOutcome, explain, type Context, type Dispatch, type LoadedDispatch } from '@redress/domain';
import { refusedFor } from '../connectors/ledger/ledger.connector';
import type { Says } from './inbound-message';
import { recorded, refused, type Verdict } from './verdict';

type Answer = Extract<Says, { what: 'posted' | 'not_posted' }>;

/** What a ledger's answer does. An answer stays: when the ledger says otherwise later, a person has to look. */
export function judgePosting(answer: Answer, loaded: LoadedDispatch, ctx: Context): Verdict {
  const { dispatch } = loaded;
  if (dispatch.state === 'CONFIRMED') return afterPosted(answer, dispatch);
  if (dispatch.state === 'FAILED') return afterRefused(answer, dispatch);
  const change = decideOutcome(
    loaded,
    answer.what === 'posted'
      ? { type: 'confirm', reference: answer.reference ?? dispatch.id }
      : { type: 'refuse', problem: refusedFor(answer.reason) },
    ctx,
  );
  return change.ok ? { outcome: 'applied', posting: change.value } : refused(explain(change.refusal));
}

function afterPosted(answer: Answer, { id, externalReference: known }: Dispatch): Verdict {
  const before = `that it posted it as ${known}`;
  if (answer.what === 'not_posted')
    return refused(
      `The ledger says of ${id} that it refused it (${answer.reason}), and said before ${before}.`,
    );
  // Until it names one, our id stands for its reference.
  const isSame = answer.reference === undefined || answer.reference === known || known === id;
  return isSame
    ? recorded('The ledger has said so before.')
    : refused(
        `The ledger says of ${id} that it posted it as ${answer.reference}, and said before ${before}: it may be there twice.`,
      );
}

const afterRefused = (answer: Answer, { id, lastError = 'for no reason' }: Dispatch): Verdict =>
  answer.what === 'not_posted'
    ? recorded('It was refused before.')
    : refused(
        `The ledger says that it posted ${id}${answer.reference ? ` as ${answer.reference}` : ''}, ` +
          `which was refused before and has come back: ${lastError}`,
      );
