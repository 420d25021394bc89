import type { DisputeAction } from '@redress/domain/actions';
import type { Scope } from '../auth/scopes';

const scope: Scope = 'dispute:write';

/** action → its scope, and its route below that of the dispute. An action without its line does not compile. */
export const disputeActions: Readonly<Record<DisputeAction, Readonly<{ scope: Scope; path: string }>>> = {
  open: { scope, path: 'open' },
  request_evidence: { scope, path: 'request-evidence' },
  submit_evidence: { scope, path: 'evidence' },
  close: { scope, path: 'close' },
  reopen: { scope, path: 'reopen' },
};
