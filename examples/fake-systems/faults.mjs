import { createHash } from 'node:crypto';

/** What can be made to go wrong: how likely each is, from 0 to 1, except where a unit is named. */
const none = {
  seed: 1,
  /** Every connection is cut. */
  dead: false,
  /** `writes` or `reads`: what the following apply to; everything unless set. */
  only: undefined,
  /** `{ every, retryAfter }`: every so many requests, one is answered with 429 and `Retry-After`. */
  rateLimit: undefined,
  lostOnTheWayIn: 0,
  errorBeforeEffect: 0,
  errorAfterEffect: 0,
  lostAnswer: 0,
  /** The effect comes up to so much later, even when the client waits no more. */
  lateMs: 0,
  /** The answer comes up to so much after the effect. */
  delayMs: 0,
  /** Every answer comes so much after the effect. */
  slowMs: 0,
  /** Searches do not show what is younger. */
  indexLagMs: 0,
  /** The account may create, but neither lists nor reads show it anything of what is there. */
  createOnly: false,
  /** Lists show what the account created before, and nothing of what it creates now; counts agree with them. */
  blindSearch: false,
  /** The account has created nothing before, so that no search can show that it sees what it creates. */
  newAccount: false,
  /** Fields that a create does not take: not on the create screen of Jira, read-only by a data policy of ServiceNow. */
  lacking: [],
  /** Fields of the site's own that a create demands, by their ids: `customfield_10010`, `u_cost_center`. */
  demanding: [],
  /** Lists do not say how many rows they have, as some instances of ServiceNow are set up. */
  uncounted: false,
  /** The most a page of a list has. */
  pageSize: 100,
};

/**
 * Decides what becomes of a request by the seed, the request itself and how often it came before: however requests
 * are mixed, the same ones meet the same fate.
 */
export class Faults {
  constructor() {
    this.set({});
  }

  /** Replaces all settings; tells what is wrong with them. */
  set(settings) {
    const unknown = Object.keys(settings).filter((name) => !Object.hasOwn(none, name));
    if (unknown.length) return `There is no fault called ${unknown.join(', ')}.`;
    this.settings = { ...none, ...settings };
    this.seen = new Map();
    this.count = 0;
    return undefined;
  }

  fate({ method, url, text, isWrite }) {
    const { only, rateLimit, lateMs, delayMs, slowMs, ...likelihood } = this.settings;
    if (only && (only === 'writes') !== isWrite) return {};
    if (rateLimit && ++this.count % rateLimit.every === 0) return { comeAfter: rateLimit.retryAfter };
    const request = createHash('sha256').update(`${method} ${url}\n${text}`).digest('hex');
    const times = (this.seen.get(request) ?? 0) + 1;
    this.seen.set(request, times);
    const drawn = (name) => this.draw(`${request} ${times} ${name}`);
    const happens = (name) => drawn(name) < likelihood[name];
    return {
      lostOnTheWayIn: happens('lostOnTheWayIn'),
      errorBeforeEffect: happens('errorBeforeEffect'),
      errorAfterEffect: happens('errorAfterEffect'),
      lostAnswer: happens('lostAnswer'),
      lateMs: drawn('lateMs') * lateMs,
      delayMs: slowMs + drawn('delayMs') * delayMs,
    };
  }

  /** From 0 up to, but not including, 1. */
  draw(what) {
    return createHash('sha256').update(`${this.settings.seed} ${what}`).digest().readUInt32BE() / 2 ** 32;
  }
}
