import type { Addressee, FieldChanges, Severity, Timestamp } from '@redress/domain';
import type { ReplacedSecret } from '@redress/domain/integrations';

/** What can be connected. `MANUAL` is a person and needs no connection. */
export const connectionTargets = [
  'JIRA',
  'SERVICENOW',
  'WEBHOOK',
  'LEDGER',
] as const satisfies readonly Addressee[];
export type ConnectionTarget = (typeof connectionTargets)[number];
/** Those that have tickets. */
export type TicketTarget = Exclude<ConnectionTarget, 'LEDGER'>;

export type JiraSettings = Readonly<{
  /** Its address, as `https://your-company.atlassian.net`. */
  site: string;
  /** Whose API token it is. */
  email: string;
  /** Key of the project that gets the issues. */
  project: string;
  issueType?: string;
  /** Where a queue leads, when not to the project. */
  queues?: Readonly<Record<string, Readonly<{ project?: string; component?: string }>>>;
  /** Severity → name of a priority there. */
  priorities?: Readonly<Partial<Record<Severity, string>>>;
}>;
export type JiraSecrets = Readonly<{ apiToken: string }>;

export type ServiceNowSettings = Readonly<{
  /** Its address, as `https://your-company.service-now.com`. */
  instance: string;
  table?: string;
  username?: string;
  /** The sys_id of the group that a queue leads to. */
  assignmentGroups?: Readonly<Record<string, string>>;
  /** The sys_id of the user incidents are reported by. */
  callerId?: string;
}>;
/** One of them: the password of `username`, an OAuth token, or an API key. */
export type ServiceNowSecrets = Readonly<{ password?: string; token?: string; apiKey?: string }>;

export type WebhookSettings = Readonly<{ url: string }>;
/** What is sent is signed with, as `whsec_…`; while one takes the place of the other, with both. */
export type WebhookSecrets = Readonly<{ secrets: readonly string[] }>;

export type Kinds = {
  JIRA: { settings: JiraSettings; secrets: JiraSecrets };
  SERVICENOW: { settings: ServiceNowSettings; secrets: ServiceNowSecrets };
  WEBHOOK: { settings: WebhookSettings; secrets: WebhookSecrets };
  LEDGER: { settings: WebhookSettings; secrets: WebhookSecrets };
};
export type Settings = Kinds[ConnectionTarget]['settings'];
export type Secrets = Kinds[ConnectionTarget]['secrets'];

/** A connection as it is stored, one for each tenant and target. One that was deleted keeps its id and counts on. */
export type StoredConnection = Readonly<{
  id: string;
  target: ConnectionTarget;
  version: number;
  enabled: boolean;
  settings: Settings;
  /** `Sealed`, for nobody without the key; not there once it was deleted. */
  secrets?: Buffer;
  createdAt: Timestamp;
  createdBy: string;
  updatedAt: Timestamp;
  updatedBy: string;
  deletedAt?: Timestamp;
}>;

/** What is sealed of a connection. */
export type Sealed = Readonly<{
  own: Secrets;
  /** What the other side signs with when it calls us; after a change the one before holds a while longer. */
  inbound: string;
  previousInbound?: ReplacedSecret;
}>;

export type ConnectionEvent = Readonly<{
  connectionId: string;
  version: number;
  type: 'connection.created' | 'connection.changed' | 'connection.deleted';
  actor: string;
  at: Timestamp;
  changes: FieldChanges;
  /** Names of the secrets that are new; never their values. */
  newSecrets: readonly string[];
}>;

export type ConnectionChange = Readonly<{
  /** The version that was changed; 0 = there was none. */
  basedOn: number;
  state: StoredConnection;
  event: ConnectionEvent;
}>;

/**
 * A connection in use. Its secrets are private fields behind getters of the class, which neither JSON nor logs nor
 * inspection look at; copying it loses them.
 */
class Opened<T extends ConnectionTarget> {
  readonly #secrets: Kinds[T]['secrets'];
  readonly #inboundSecrets: readonly string[];

  constructor(
    readonly id: string,
    readonly tenant: string,
    readonly target: T,
    readonly settings: Kinds[T]['settings'],
    secrets: Kinds[T]['secrets'],
    inboundSecrets: readonly string[],
  ) {
    this.#secrets = secrets;
    this.#inboundSecrets = inboundSecrets;
  }

  get secrets(): Kinds[T]['secrets'] {
    return this.#secrets;
  }

  /** Those that a call of the other side may be signed with now. */
  get inboundSecrets(): readonly string[] {
    return this.#inboundSecrets;
  }
}

export type OpenConnection = { [T in ConnectionTarget]: Opened<T> }[ConnectionTarget];
export type OpenConnectionTo<T extends ConnectionTarget> = Extract<OpenConnection, { target: T }>;

type Facts = Readonly<{ id: string; tenant: string; target: ConnectionTarget }>;

/** Settings and secrets are of the kind of the target: whoever stored them saw to that. */
export const openConnection = (
  { id, tenant, target }: Facts,
  settings: Settings,
  secrets: Secrets,
  inboundSecrets: readonly string[],
): OpenConnection => new Opened(id, tenant, target, settings, secrets, inboundSecrets) as OpenConnection;
