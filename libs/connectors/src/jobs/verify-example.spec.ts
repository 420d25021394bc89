import { createHmac, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileFunction } from 'node:vm';
import { Webhook } from 'standardwebhooks';
import { newWebhookSecret, signWebhook } from '../kit/standard-webhooks';

const page = readFileSync(join(__dirname, '../../../../docs/events.md'), 'utf8');

describe('the ten lines in docs/events.md', () => {
  const [, code = ''] = /```js\n([^]*?)```/.exec(page) ?? [];
  const program = code.replace(/^import .*$/m, '').replace('export function', 'return function');
  const make = compileFunction(program, ['createHmac', 'timingSafeEqual']) as (
    ...given: unknown[]
  ) => (secret: string, headers: Record<string, string>, body: string) => boolean;
  const isFromRedress = make(createHmac, timingSafeEqual);

  it('verify what is sent, as the reference library does, and nothing else', () => {
    const [before, secret, other] = [newWebhookSecret(), newWebhookSecret(), newWebhookSecret()];
    const headers = signWebhook([secret, before], 'an-event', new Date(), '{"type":"x"}');
    expect(new Webhook(before).verify('{"type":"x"}', headers)).toEqual({ type: 'x' });
    expect([secret, before].map((one) => isFromRedress(one, headers, '{"type":"x"}'))).toEqual([true, true]);
    expect(isFromRedress(other, headers, '{"type":"x"}')).toBe(false);
    expect(isFromRedress(secret, headers, '{"type":"y"}')).toBe(false);
    const old = signWebhook([secret], 'an-event', new Date(Date.now() - 600_000), '{}');
    expect(isFromRedress(secret, old, '{}')).toBe(false);
  });
});
