import { exceptionActions } from './exception-commands';

describe('the scopes of actions', () => {
  it('keep proposing and approving apart, so that two people can be made to do it', () => {
    for (const resolving of ['force_match', 'adjust_entry', 'resolve'] as const)
      expect(exceptionActions[resolving].scope).not.toBe(exceptionActions.approve.scope);
  });
});
