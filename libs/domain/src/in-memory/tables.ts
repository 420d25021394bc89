import type { Comment } from '../comment/comment';
import type { HistoryEvent } from '../change';
import type { Dispatch, DispatchAttempt } from '../dispatch/dispatch';
import type { Dispute } from '../dispute/dispute';
import type { ReconException } from '../exception/recon-exception';
import type { Reply } from '../ports/stores';
import type { Adjustment } from '../resolution/adjustment';
import type { ApprovalPolicy } from '../resolution/approval-policy';
import type { ForcedMatch } from '../resolution/forced-match';
import type { AcceptedReasons } from '../resolution/reason-codes';

/** The tables of one tenant. Values are immutable, so a shallow copy is a snapshot. */
export type Tables = Readonly<{
  exceptions: Map<string, ReconException>;
  disputes: Map<string, Dispute>;
  comments: Map<string, Comment>;
  adjustments: Map<string, Adjustment>;
  matches: ForcedMatch[];
  dispatches: Map<string, Dispatch>;
  attempts: DispatchAttempt[];
  history: HistoryEvent[];
  replies: Map<string, Reply>;
  policy: ApprovalPolicy | undefined;
  reasonCodes: AcceptedReasons | undefined;
  ledger: boolean;
}>;

export const emptyTables = (): Tables => ({
  exceptions: new Map(),
  disputes: new Map(),
  comments: new Map(),
  adjustments: new Map(),
  matches: [],
  dispatches: new Map(),
  attempts: [],
  history: [],
  replies: new Map(),
  policy: undefined,
  reasonCodes: undefined,
  ledger: false,
});

export const copyOf = (t: Tables): Tables => ({
  exceptions: new Map(t.exceptions),
  disputes: new Map(t.disputes),
  comments: new Map(t.comments),
  adjustments: new Map(t.adjustments),
  matches: [...t.matches],
  dispatches: new Map(t.dispatches),
  attempts: [...t.attempts],
  history: [...t.history],
  replies: new Map(t.replies),
  policy: t.policy,
  reasonCodes: t.reasonCodes,
  ledger: t.ledger,
});
