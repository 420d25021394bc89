import type {
  Dispatch,
  DispatchAttempt,
  DispatchChange,
  ExceptionChange,
  ListedDispatch,
} from '@redress/domain';
import type { AttemptedDispatch } from '@redress/connectors';
import { etag } from '../http/conditional';
import { HttpAnswer } from '../http/http-answer';

/* How hand-overs read on the wire. */

type Wire = Record<string, unknown>;

/** The contract's answer to a dispatch. */
const orderBody = ({ exceptionId, target, externalReference, state, requestedAt }: Dispatch): Wire => ({
  exceptionId,
  target,
  ...(externalReference !== undefined && { externalReference }),
  acknowledged: state === 'CONFIRMED',
  dispatchedAt: requestedAt,
});

export const dispatchedAnswer = ({ state, dispatch }: ExceptionChange): HttpAnswer => {
  if (!dispatch) throw new Error('a dispatch command always makes a dispatch');
  return HttpAnswer.json(200, orderBody(dispatch), { etag: etag(state.version) });
};

/** The exception has a new version once it knows its ticket. */
export const handedOverAnswer = ({ exceptionVersion, dispatch }: AttemptedDispatch): HttpAnswer =>
  HttpAnswer.json(200, orderBody(dispatch), { etag: etag(exceptionVersion) });

/** What is sent is what the exception says, and its place in the table is the store's business. */
export const dispatchBody = ({
  message: _message,
  live: _live,
  posting: _posting,
  misses: _m,
  sweeps: _s,
  ...rest
}: Dispatch): Wire => rest;

export const dispatchStateAnswer = ({ state }: DispatchChange): HttpAnswer =>
  HttpAnswer.json(state.proposedAnswer ? 202 : 200, dispatchBody(state), { etag: etag(state.version) });

const attemptBody = ({ id: _id, dispatchId: _d, exceptionId: _e, ...attempt }: DispatchAttempt): Wire =>
  attempt;

export const listedDispatchBody = ({ dispatch, attempts }: ListedDispatch): Wire => ({
  ...dispatchBody(dispatch),
  history: attempts.map(attemptBody),
});
