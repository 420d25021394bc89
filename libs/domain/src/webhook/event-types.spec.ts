import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commentEvents } from '../comment/comment';
import { dispatchEvents } from '../dispatch/dispatch.lifecycle';
import { disputeEvents } from '../dispute/dispute.lifecycle';
import { exceptionEvents } from '../exception/exception.lifecycle';
import { eventDescriptions, eventTypes } from './event-types';

const page = readFileSync(join(__dirname, '../../../../docs/events.md'), 'utf8');

describe('the types of events', () => {
  it('are all that the domain tells of', () => {
    const emitted = [exceptionEvents, disputeEvents, commentEvents, dispatchEvents].flatMap((table) =>
      Object.values<string>(table),
    );
    expect([...eventTypes].sort()).toEqual([...new Set(emitted)].sort());
  });

  it('are dotted words, as Standard Webhooks ask for', () => {
    expect(eventTypes.filter((type) => !/^\w+(\.\w+)+$/.test(type))).toEqual([]);
  });

  it('are those of docs/events.md', () => {
    const rows = [...page.matchAll(/^\| `([\w.]+)` \| (.+) \|$/gm)].map(([, type, said]) => [type, said]);
    expect(rows).toEqual(Object.entries(eventDescriptions));
  });
});
