import {
  fakeJiraSettings,
  fakeServiceNowSettings,
  startFakeJira,
  startFakeServiceNow,
  type FakeSystem,
} from './fake-systems';
import { WebhookReceiver } from './webhook-receiver';

export const targets = ['JIRA', 'SERVICENOW', 'WEBHOOK'] as const;
export type Target = (typeof targets)[number];

const hookSecret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

/** Jira, ServiceNow and a customer's own system, which get tickets over real sockets. */
export class Outside {
  private constructor(
    readonly jira: FakeSystem,
    readonly serviceNow: FakeSystem,
    readonly hook: WebhookReceiver,
  ) {}

  static async start(): Promise<Outside> {
    return new Outside(
      ...(await Promise.all([startFakeJira(), startFakeServiceNow(), WebhookReceiver.start(hookSecret)])),
    );
  }

  /** What a service needs to reach them, and not to wait ten minutes for a search to settle. */
  get env() {
    return {
      EGRESS_ALLOW: [this.jira.url, this.serviceNow.url, this.hook.origin].join(','),
      DISPATCH_SETTLE_SECONDS: '{"JIRA":2,"SERVICENOW":1}',
      DISPATCH_BUDGET_MS: '2000',
    };
  }

  /** What connects to each. */
  get settings(): Readonly<Record<Target, object>> {
    return {
      JIRA: fakeJiraSettings(this.jira),
      SERVICENOW: fakeServiceNowSettings(this.serviceNow),
      WEBHOOK: { url: this.hook.url, secrets: [hookSecret] },
    };
  }

  /** They forget everything, and nothing goes wrong any more. */
  async reset(): Promise<void> {
    const fakes = [this.jira, this.serviceNow];
    await Promise.all(fakes.map((fake) => fake.reset()));
    await Promise.all(fakes.map((fake) => fake.faults()));
  }

  async stop(): Promise<void> {
    await Promise.all([this.jira.stop(), this.serviceNow.stop(), this.hook.stop()]);
  }
}
