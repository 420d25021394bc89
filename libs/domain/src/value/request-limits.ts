import { RateLimiter } from './rate-limiter';
import type { RateLimit } from './token-bucket';

/** Requests per second of one tenant, 0 = no limit; `actorPercent` of each for one actor; and how many at the same time. */
export type RequestLimitSettings = Readonly<{
  readsPerSecond: number;
  commandsPerSecond: number;
  exportsPerSecond: number;
  actorPercent: number;
  tenantConcurrency: number;
}>;

/** Reads, commands and exports are counted apart. */
export type RequestKind = 'reads' | 'commands' | 'exports';

/** What is said of the limits, as the fields of draft-ietf-httpapi-ratelimit-headers; and why a request is refused. */
export type RequestVerdict = Readonly<{
  fields: Readonly<Record<string, string>>;
  refused?: Readonly<{ why: string; waitSeconds: number }>;
}>;

/** The window of each limit, in seconds: what it has may come at once. */
const seconds = 10;

type NamedRate = RateLimit & Readonly<{ name: string }>;
type Rates = Readonly<{ ofTenant: NamedRate; ofActor: NamedRate; policy: string }>;

function ratesOf(kind: RequestKind, perSecond: number, actorPercent: number): Rates {
  const ofTenant = { name: `tenant-${kind}`, perSecond, seconds };
  const ofActor = { name: `actor-${kind}`, perSecond: (perSecond * actorPercent) / 100, seconds };
  const policy = [ofTenant, ofActor]
    .map(({ name, perSecond: rate }) => `"${name}";q=${rate * seconds};w=${seconds}`)
    .join(', ');
  return { ofTenant, ofActor, policy };
}

/** Rate and concurrency limits of tenants and their actors, within one process. */
export class RequestLimits {
  private readonly limiter = new RateLimiter();
  private readonly underWay = new Map<string, number>();

  private readonly rates: Readonly<Record<RequestKind, Rates>>;

  constructor(private readonly settings: RequestLimitSettings) {
    const { readsPerSecond, commandsPerSecond, exportsPerSecond, actorPercent } = settings;
    this.rates = {
      reads: ratesOf('reads', readsPerSecond, actorPercent),
      commands: ratesOf('commands', commandsPerSecond, actorPercent),
      exports: ratesOf('exports', exportsPerSecond, actorPercent),
    };
  }

  /** A request begins. Unless it is refused, `leave` has to be called when it has ended. */
  enter(
    { tenant, actor }: Readonly<{ tenant: string; actor: string }>,
    kind: RequestKind,
    nowMs: number,
    processes = 1,
  ): RequestVerdict {
    const count = this.underWay.get(tenant) ?? 0;
    const { tenantConcurrency } = this.settings;
    if (tenantConcurrency > 0 && count >= tenantConcurrency)
      return refused(`${tenantConcurrency} requests of this tenant are under way`, 1000);
    const { ofTenant, ofActor, policy } = this.rates[kind];
    const limits = [
      { ...ofTenant, key: tenant },
      { ...ofActor, key: `${tenant} ${actor}` },
    ];
    const limited = ofTenant.perSecond > 0 ? this.limiter.take(limits, nowMs, processes) : undefined;
    const fields = limited && {
      'ratelimit-policy': policy,
      ratelimit: limited.lefts
        .map(({ name, left, resetMs }) => `"${name}";r=${left};t=${Math.ceil(resetMs / 1000)}`)
        .join(', '),
    };
    if (limited?.refusedBy !== undefined)
      return refused(`${limited.refusedBy} is used up for now`, limited.waitMs, fields);
    this.underWay.set(tenant, count + 1);
    return { fields: fields ?? {} };
  }

  /** A request that was let in has ended. */
  leave(tenant: string): void {
    const left = (this.underWay.get(tenant) ?? 1) - 1;
    if (left > 0) this.underWay.set(tenant, left);
    else this.underWay.delete(tenant);
  }
}

const refused = (
  why: string,
  waitMs: number,
  fields: Readonly<Record<string, string>> = {},
): RequestVerdict => ({
  fields,
  refused: { why, waitSeconds: Math.max(1, Math.ceil(waitMs / 1000)) },
});
