import type { Form } from './callback-forms';
import { unsigned, untimely, wrongBodies } from './callbacks-forged';
import { idle, unreadable } from './callbacks-idle';
import { aboutPostings } from './callbacks-postings';
import { withoutEffect } from './callbacks-without-effect';

/** Every way we know in which a callback can be bad. */
export const badCallbacks: readonly Form[] = [
  ...unsigned,
  ...untimely,
  ...wrongBodies,
  ...idle,
  ...withoutEffect,
  ...aboutPostings,
  ...unreadable,
];
