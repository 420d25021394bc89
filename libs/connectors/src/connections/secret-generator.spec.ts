import { isWebhookSecret } from '../kit/standard-webhooks';
import { secretGenerator } from './secret-generator';

describe('a generated secret', () => {
  it('is a new one each time, in its form', () => {
    expect(isWebhookSecret(secretGenerator.signingSecret())).toBe(true);
    expect(secretGenerator.sharedSecret()).toMatch(/^[\w-]{43}$/);
    for (const generate of [secretGenerator.signingSecret, secretGenerator.sharedSecret])
      expect(generate()).not.toBe(generate());
  });
});
