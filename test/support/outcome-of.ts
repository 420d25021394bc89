import type { Answer } from '@redress/client';

/** The status and title of an answer, and the names of the invalid fields. */
export const outcomeOf = (answer: Answer<unknown, string>): unknown[] => {
  if (answer.ok) return [answer.status];
  const { status, title, details } = answer.refusal;
  return [status, title, ...Object.keys(details['fields'] ?? {})];
};
