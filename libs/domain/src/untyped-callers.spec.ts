import { decideComment } from './comment/comment';
import { decideDispute } from './dispute/dispute';
import { decide } from './exception/exception';
import type { Result } from './result';
import { aComment, aContext, aDispute, anException, sampleCommands } from './testing';

/* Callers from JavaScript may leave anything out: they get a refusal that names the field, and no TypeError. */

const deciders: Readonly<Record<string, (command: never) => Result<unknown>>> = {
  exception: (command) => decide(anException(), command, aContext()),
  dispute: (command) => decideDispute(aDispute(), command, aContext(), { activeDisputes: [] }),
  comment: (command) => decideComment(aComment(), command, aContext()),
};
const types: Readonly<Record<string, readonly string[]>> = {
  exception: Object.keys(sampleCommands.exception),
  dispute: Object.keys(sampleCommands.dispute),
  comment: ['edit_comment', 'delete_comment'],
};

describe.each(Object.entries(deciders))('a command to a %s', (of, decided) => {
  it.each([{}, { type: undefined }, { type: 'explode' }, { type: 'toString' }])(
    'is refused for its type: %j',
    (command) => {
      expect(decided(command as never)).toMatchObject({
        ok: false,
        refusal: { code: 'invalid_value', field: 'type', problem: expect.stringContaining(types[of]![0]!) },
      });
    },
  );

  it.each(types[of]!)('is decided on without its fields: %s', (type) => {
    const outcome = decided({ type } as never);
    const malformed = { code: 'invalid_value', field: expect.any(String), problem: expect.any(String) };
    if (!outcome.ok && outcome.refusal.code !== 'not_allowed') expect(outcome.refusal).toEqual(malformed);
  });
});
