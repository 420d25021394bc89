import { holding, inboundSecret, rotated } from './inbound-secrets';
import { isWebhookSecret } from './forms';

describe('a secret for calls to us', () => {
  it('is a new one each time, in the form of its target', () => {
    expect(isWebhookSecret(inboundSecret('WEBHOOK'))).toBe(true);
    expect(inboundSecret('WEBHOOK')).not.toBe(inboundSecret('WEBHOOK'));
    for (const target of ['JIRA', 'SERVICENOW'] as const)
      expect(inboundSecret(target)).toMatch(/^[\w-]{43}$/);
  });

  it('holds beside the one that takes its place, for a day to the millisecond', () => {
    const now = '2025-01-15T10:30:00.000Z';
    const second = rotated('second', { inbound: 'first' }, now);
    expect(second).toEqual({
      inbound: 'second',
      previousInbound: { secret: 'first', until: '2025-01-16T10:30:00.000Z' },
    });
    expect(holding(second, now)).toEqual(['second', 'first']);
    expect(holding(second, '2025-01-16T10:29:59.999Z')).toEqual(['second', 'first']);
    expect(holding(second, '2025-01-16T10:30:00.000Z')).toEqual(['second']);
    expect(holding({ inbound: 'first' }, now)).toEqual(['first']);
    // A third one ends the first at once: two hold, never three.
    expect(holding(rotated('third', second, now), now)).toEqual(['third', 'second']);
  });
});
