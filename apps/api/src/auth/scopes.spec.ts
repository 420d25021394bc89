import { commands, disputeLifecycle } from '@redress/domain';
import { disputeScopes, scopeDescriptions, scopes } from './scopes';

describe('the scopes', () => {
  it('are the twelve the documentation names', () => {
    expect(scopes).toEqual([
      'exception:read',
      'exception:raise',
      'exception:assign',
      'exception:resolve',
      'exception:approve',
      'exception:dispatch',
      'callback:process',
      'comment:write',
      'dispute:read',
      'dispute:write',
      'audit:read',
      'admin',
    ]);
  });

  it('can be written in a token and in a header: no spaces, no quotes', () => {
    for (const scope of scopes) expect(scope).toMatch(/^[a-z]+(:[a-z]+)?$/);
  });

  it.each(Object.entries(scopeDescriptions))('%s is described in a sentence', (_, description) => {
    expect(description).toMatch(/^[A-Z][^\n]+\.$/);
  });

  it('are known for every command of a dispute', () => {
    expect(Object.keys(disputeScopes).sort()).toEqual([...commands(disputeLifecycle), 'draft'].sort());
  });
});
