import type { HistoryEvent } from '../change';
import type { ApprovalRules, ReasonLists, SettingVersion } from '../ports/setting-store';
import type { ReplyStore, Session } from '../ports/stores';
import type { ApprovalPolicy } from '../resolution/approval-policy';
import type { AcceptedReasons } from '../resolution/reason-codes';
import type { Result } from '../result';
import { newDelivery, type Delivery } from '../webhook/delivery';
import { copyOf, emptyTables, type Tables } from './tables';

/**
 * The tables of all tenants, in memory. Units of work of all kinds run one at a time, each over a copy of the tenant's
 * tables that takes their place on commit. Do not start one inside another: it would wait forever.
 */
export class InMemoryDatabase {
  private readonly tables = new Map<string, Tables>();
  private turn: Promise<unknown> = Promise.resolve();

  /** Runs `work` as `UnitOfWork.run` does; `begin` makes its transaction over the copy. */
  run<Tx, T>(
    session: Session,
    begin: (tables: Tables, replyKey: string | undefined) => Tx,
    work: (tx: Tx) => Promise<Result<T>>,
  ): Promise<Result<T>> {
    const run = this.turn.then(async () => {
      const committed = this.tablesOf(session.tenant);
      const draft = copyOf(committed);
      const result = await work(begin(draft, session.replyKey));
      if (session.dryRun) return result;
      this.tables.set(session.tenant, result.ok ? draft : { ...committed, replies: draft.replies });
      return result;
    });
    this.turn = run.catch(() => undefined);
    return run;
  }

  /** The committed tables of a tenant: to be read, not to be changed. */
  tablesOf(tenant: string): Tables {
    return this.tables.get(tenant) ?? emptyTables();
  }

  /** The tenants that have something. */
  tenants(): readonly string[] {
    return [...this.tables.keys()];
  }

  /** Sets facts about a tenant at once, outside of any unit of work. */
  set(tenant: string, facts: Partial<Pick<Tables, 'policy' | 'reasonCodes' | 'ledger'>>): void {
    this.tables.set(tenant, { ...this.tablesOf(tenant), ...facts });
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
  if (policy || !latest) return policy;
  const { version, rules, answers } = latest;
  return { version, rules, ...(answers && { answers }) };
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
    if (replyKey === undefined) return;
    const kept = t.replies.get(replyKey);
    if (!kept?.provisionalUntil) return Promise.reject(new Error('The reply is provisional no more.'));
    t.replies.set(replyKey, { fingerprint: kept.fingerprint, answer });
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
