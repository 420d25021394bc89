import type { HistoryEvent } from '@redress/domain';

/** Receivers may refuse more; the Standard Webhooks specification asks for less than this. */
export const maxBodyBytes = 20_000;

/**
 * What an endpoint is sent: the line of the history as it is. One that is too long comes without what makes it long
 * and says so, and the whole of it can be read from the history.
 */
export function eventBody(payload: string): string {
  const event = JSON.parse(payload) as HistoryEvent;
  const body = bodyOf(event, event);
  if (Buffer.byteLength(body) <= maxBodyBytes) return body;
  const { changes, data: _data, ...rest } = event;
  return bodyOf(event, { ...rest, changed: Object.keys(changes), truncated: true });
}

const bodyOf = ({ type, at }: HistoryEvent, data: object): string =>
  JSON.stringify({ type, timestamp: at, data });
