import type { Answer } from '@redress/client';

/** The status and title of what a client was told, and the fields that are to blame. */
export const told = (answer: Answer<unknown, string>): unknown[] => {
  if (answer.ok) return [answer.status];
  const { status, title, details } = answer.refusal;
  return [status, title, ...Object.keys(details['fields'] ?? {})];
};
