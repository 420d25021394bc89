import type { DisputeCommandType } from '@redress/domain';

/**
 * scope → what it lets its holder do. Scopes are exact: none implies another, not even `admin`, so that what a
 * token may do can be read off the token.
 */
export const scopeDescriptions = {
  'exception:read': 'See exceptions, their history and what may be done with them.',
  'exception:raise': 'Raise exceptions, one at a time or as a file.',
  'exception:assign': 'Assign exceptions and take them back.',
  'exception:resolve': 'Resolve exceptions, or propose how to.',
  'exception:approve': 'Confirm or return what somebody else proposed.',
  'exception:dispatch': 'Hand exceptions to external systems and recall them.',
  'callback:process':
    'Report what became of a dispatched exception. `callback:process:JIRA` and the like do so for one external system.',
  'comment:write': 'Comment on exceptions and disputes.',
  'dispute:read': 'See disputes, their evidence and history.',
  'dispute:write': 'Open disputes, work on them and close them.',
  'audit:read': 'Read and verify the audit trail.',
  admin: 'Operate the service. Does not include any other scope.',
} as const satisfies Record<string, string>;

export type Scope = keyof typeof scopeDescriptions;

export const scopes = Object.keys(scopeDescriptions) as readonly Scope[];

/** Whether the holder may report for an external system; for some one, where none is named. */
export const mayReport = (held: ReadonlySet<string>, system?: string): boolean =>
  held.has('callback:process') ||
  (system === undefined
    ? [...held].some((name) => name.startsWith('callback:process:'))
    : held.has(`callback:process:${system}`));

/** Command of a dispute → the scope that it takes. A command without its line here does not compile. */
export const disputeScopes = {
  draft: 'dispute:write',
  open: 'dispute:write',
  request_evidence: 'dispute:write',
  submit_evidence: 'dispute:write',
  win: 'dispute:write',
  lose: 'dispute:write',
  reopen: 'dispute:write',
} as const satisfies Record<'draft' | DisputeCommandType, Scope>;
