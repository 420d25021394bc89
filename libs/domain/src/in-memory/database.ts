import type { HistoryEvent } from '../change';
import type { Comment } from '../comment/comment';
import type { Dispatch, DispatchAttempt } from '../dispatch/dispatch';
import type { Dispute } from '../dispute/dispute';
import type { ReconException } from '../exception/recon-exception';
import type { ApprovalRules, ReasonLists, SettingVersion } from '../ports/setting-store';
import type { Reply, ReplyStore, Session } from '../ports/stores';
import type { Adjustment } from '../resolution/adjustment';
import type { ApprovalPolicy } from '../resolution/approval-policy';
import type { ForcedMatch } from '../resolution/forced-match';
import type { AcceptedReasons } from '../resolution/reason-codes';
import type { Result } from '../result';
import { newDelivery, type Delivery, type DeliveryAttempt } from '../webhook/delivery';
import type { WebhookEndpoint } from '../webhook/endpoint';

/** The settings there are. */
export type SettingName = 'approval_policy' | 'reason_codes';

/** What one tenant has stored. Values are immutable, so a shallow copy is a snapshot. */
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

const emptyTables = (): Tables => ({
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

const copyOf = (t: Tables): Tables => ({
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

/**
 * The tables of all tenants, in memory. Units of work of all kinds run one at a time, each over a copy of the tenant's
 * tables that takes their place on commit. Do not start one inside another: it would wait for ever.
 */
export class InMemoryDatabase {
  private readonly tenants = new Map<string, Tables>();
  private turn: Promise<unknown> = Promise.resolve();

  /** Runs `work` as `UnitOfWork.run` does; `begin` makes its transaction over the copy. */
  run<Tx, T>(
    session: Session,
    begin: (tables: Tables, replyKey: string | undefined) => Tx,
    work: (tx: Tx) => Promise<Result<T>>,
  ): Promise<Result<T>> {
    const mine = this.turn.then(async () => {
      const committed = this.tablesOf(session.tenant);
      const draft = copyOf(committed);
      const result = await work(begin(draft, session.replyKey));
      if (session.dryRun) return result;
      this.tenants.set(session.tenant, result.ok ? draft : { ...committed, replies: draft.replies });
      return result;
    });
    this.turn = mine.catch(() => undefined);
    return mine;
  }

  /** The committed tables of a tenant: to be read, not to be changed. */
  tablesOf(tenant: string): Tables {
    return this.tenants.get(tenant) ?? emptyTables();
  }

  /** Sets facts about a tenant at once, outside of any unit of work. */
  set(tenant: string, facts: Partial<Pick<Tables, 'policy' | 'reasonCodes' | 'ledger'>>): void {
    this.tenants.set(tenant, { ...this.tablesOf(tenant), ...facts });
  }
}

/** Appends lines to the history, and makes their deliveries to webhook endpoints. */
export function appendHistory(t: Tables, events: readonly HistoryEvent[]): void {
  for (const event of events) {
    t.history.push(event);
    for (const endpoint of t.endpoints.values()) {
      if (endpoint.deletedAt) continue;
      const seq = t.history.filter(({ exceptionId }) => exceptionId === event.exceptionId).length;
      const delivery = newDelivery(endpoint, event, seq);
      if (delivery) t.deliveries.set(deliveryKey(delivery), delivery);
    }
  }
}

/** What takes approval: the latest version of the setting, unless it was set as a fact. */
export function policyIn({ policy, settings }: Tables): ApprovalPolicy | undefined {
  const latest = settings.get('approval_policy')?.at(-1) as SettingVersion<ApprovalRules> | undefined;
  return policy ?? (latest && { version: latest.version, rules: latest.rules });
}

/** The reason codes that are accepted, likewise. */
export function reasonCodesIn({ reasonCodes, settings }: Tables): AcceptedReasons | undefined {
  const latest = settings.get('reason_codes')?.at(-1) as SettingVersion<ReasonLists> | undefined;
  return reasonCodes ?? latest?.accepted;
}

export const deliveryKey = ({ endpointId, eventId }: Pick<Delivery, 'endpointId' | 'eventId'>): string =>
  `${endpointId} ${eventId}`.toLowerCase();

export const repliesIn = (t: Tables, replyKey: string | undefined): ReplyStore => ({
  find: async () => (replyKey === undefined ? undefined : t.replies.get(replyKey)),
  remember: async (reply) => {
    if (replyKey !== undefined) t.replies.set(replyKey, reply);
  },
  settle: async (answer) => {
    const { fingerprint } = (replyKey !== undefined && t.replies.get(replyKey)) || {};
    if (replyKey !== undefined && fingerprint !== undefined) t.replies.set(replyKey, { fingerprint, answer });
  },
});

/** One unit of work runs at a time, so only a change that was decided outside of it can be stale. */
export const stale = ({
  basedOn,
  state,
}: Readonly<{ basedOn: number; state: Readonly<{ id: string }> }>): Promise<never> =>
  Promise.reject(
    new Error(`Version ${basedOn} of ${state.id}, which this change was decided on, is not the present one.`),
  );

export const staleOver = (kept: Readonly<{ version: number }> | undefined, basedOn: number): boolean =>
  (kept?.version ?? 0) !== basedOn;
