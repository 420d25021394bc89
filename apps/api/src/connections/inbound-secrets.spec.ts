import { isWebhookSecret } from '../connectors/egress/connection-url';
import { newInboundSecret } from './inbound-secrets';

describe('a secret for calls to us', () => {
  it('is a new one each time, in the form of its target', () => {
    expect(isWebhookSecret(newInboundSecret('WEBHOOK'))).toBe(true);
    expect(newInboundSecret('WEBHOOK')).not.toBe(newInboundSecret('WEBHOOK'));
    for (const target of ['JIRA', 'SERVICENOW'] as const)
      expect(newInboundSecret(target)).toMatch(/^[\w-]{43}$/);
  });
});
