import type { HistoryEvent } from '../change';
import type { Comment } from '../comment/comment';
import type { Dispatch, DispatchAttempt } from '../dispatch/dispatch';
import type { Dispute } from '../dispute/dispute';
import type { ReconException } from '../exception/recon-exception';
import type { SettingVersion } from '../ports/setting-store';
import type { Reply } from '../ports/stores';
import type { Adjustment } from '../resolution/adjustment';
import type { ApprovalPolicy } from '../resolution/approval-policy';
import type { ForcedMatch } from '../resolution/forced-match';
import type { AcceptedReasons } from '../resolution/reason-codes';
import type { Delivery, DeliveryAttempt } from '../webhook/delivery';
import type { WebhookEndpoint } from '../webhook/endpoint';

/** The settings there are. */
export type SettingName = 'approval_policy' | 'reason_codes';

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
  endpoints: Map<string, WebhookEndpoint>;
  /** By the ids of endpoint and event. */
  deliveries: Map<string, Delivery>;
  deliveryAttempts: Map<string, readonly DeliveryAttempt[]>;
  /** The versions of each setting, oldest first. */
  settings: Map<SettingName, readonly SettingVersion<object>[]>;
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
  endpoints: new Map(),
  deliveries: new Map(),
  deliveryAttempts: new Map(),
  settings: new Map(),
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
  endpoints: new Map(t.endpoints),
  deliveries: new Map(t.deliveries),
  deliveryAttempts: new Map(t.deliveryAttempts),
  settings: new Map(t.settings),
  policy: t.policy,
  reasonCodes: t.reasonCodes,
  ledger: t.ledger,
});
