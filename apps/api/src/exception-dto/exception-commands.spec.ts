import { commands, exceptionLifecycle } from '@redress/domain';
import { exceptionScopes } from './exception-commands';

describe('the scopes of commands', () => {
  it('are known for every command of the lifecycle', () => {
    expect(Object.keys(exceptionScopes).sort()).toEqual(commands(exceptionLifecycle).sort());
  });

  it('keep proposing and confirming apart, so that two people can be made to do it', () => {
    expect(exceptionScopes.propose).not.toBe(exceptionScopes.confirm);
  });
});
