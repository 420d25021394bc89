import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { isWebhookSecret, newWebhookSecret, signWebhook, verifyWebhook } from './standard-webhooks';

const now = new Date();
const later = (seconds: number): Date => new Date(now.getTime() + seconds * 1000);
const secret = newWebhookSecret();
const other = newWebhookSecret();
const id = '019c96a0-10d2-7134-8000-000000000001';
const body = '{"type":"exception.dispatched","summary":"Zürich – 1 000 €"}';
const headers = signWebhook([secret], id, now, body);

const bodies = fc.oneof(
  fc.json(),
  fc.string({ unit: 'grapheme' }).filter((text) => text !== ''),
);
const ids = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/);
const secrets = fc
  .uint8Array({ minLength: 24, maxLength: 64 })
  .map((bytes) => `whsec_${Buffer.from(bytes).toString('base64')}`);

describe('the reference implementation', () => {
  it('verifies what is signed here', () => {
    fc.assert(
      fc.property(secrets, ids, bodies, (key, own, text) => {
        new Webhook(key).verify(text, { ...signWebhook([key], own, new Date(), text) }, { jsonParse: false });
      }),
    );
  });

  it('signs what is verified here, to the same bytes', () => {
    fc.assert(
      fc.property(secrets, ids, bodies, (key, own, text) => {
        const at = new Date();
        const signature = new Webhook(key).sign(own, at, text);
        expect(signature).toBe(signWebhook([key], own, at, text)['webhook-signature']);
        const given = { ...signWebhook([key], own, at, text), 'webhook-signature': signature };
        expect(verifyWebhook([key], given, text, at)).toMatchObject({ ok: true, id: own });
        expect(verifyWebhook([key], given, Buffer.from(text), at)).toMatchObject({ ok: true, id: own });
      }),
    );
  });

  it('verifies with the old secret and with the new one while they are changed', () => {
    const both = signWebhook([secret, other], id, now, body);
    expect(both['webhook-signature']).toMatch(/^v1,\S+ v1,\S+$/);
    for (const key of [secret, other]) new Webhook(key).verify(body, { ...both });
  });
});

describe('a secret', () => {
  it('is new each time, of 32 bytes, and one that is taken', () => {
    expect(secret).not.toBe(other);
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(isWebhookSecret(secret)).toBe(true);
  });

  it.each([23, 65])('does not have %i bytes', (length) => {
    expect(isWebhookSecret(`whsec_${Buffer.alloc(length, 7).toString('base64')}`)).toBe(false);
  });

  it.each([24, 64])('may have %i bytes', (length) => {
    expect(isWebhookSecret(`whsec_${Buffer.alloc(length, 7).toString('base64')}`)).toBe(true);
  });

  const good = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  it.each([
    '',
    'whsec_',
    good.slice(6),
    good.replace('whsec_', 'whpk_'),
    good.toUpperCase(),
    ` ${good}`,
    `${good}\n`,
    `${good}=`,
    good.replace('=', ''),
    good.replace(/.=$/, '!='),
  ])('is not %j', (text) => {
    expect(isWebhookSecret(text)).toBe(false);
    expect(() => signWebhook([text], id, now, body)).toThrow('A webhook secret is not valid.');
    expect(verifyWebhook([text], headers, body, now).ok).toBe(false);
  });
});

describe('verifying', () => {
  const verify = (
    given: Record<string, string | string[] | undefined>,
    text = body,
    keys = [secret],
    at = now,
  ) => {
    const verified = verifyWebhook(keys, given, text, at);
    return verified.ok ? 'ok' : verified.problem;
  };

  it('takes what is as it was sent', () => {
    expect(verifyWebhook([secret], headers, body, now)).toEqual({
      ok: true,
      id,
      at: new Date(Math.floor(now.getTime() / 1000) * 1000),
    });
  });

  it.each([
    [0, 'ok'],
    [299, 'ok'],
    [300, 'ok'],
    [301, 'too_old'],
    [86_400, 'too_old'],
    [-300, 'ok'],
    [-301, 'too_new'],
  ])('when it was signed %i seconds ago: %s', (seconds, expected) => {
    expect(verify(headers, body, [secret], later(seconds))).toBe(expected);
  });

  it('takes any of several secrets and any of several signatures', () => {
    expect(verify(headers, body, [other, secret])).toBe('ok');
    expect(verify(signWebhook([other, secret], id, now, body), body, [secret])).toBe('ok');
    const mixed = `v1a,AAAA v2,BBBB v1, v1,zzz ${headers['webhook-signature']}`;
    expect(verify({ ...headers, 'webhook-signature': mixed })).toBe('ok');
  });

  it('takes no other body, not by a byte', () => {
    expect(verify(headers, `${body} `)).toBe('wrong_signature');
    expect(verify(headers, body.replace('1', '2'))).toBe('wrong_signature');
    expect(verify(headers, '')).toBe('wrong_signature');
  });

  it('takes no body under another id or time', () => {
    expect(verify({ ...headers, 'webhook-id': `${id}0` })).toBe('wrong_signature');
    const timestamp = String(Number(headers['webhook-timestamp']) + 1);
    expect(verify({ ...headers, 'webhook-timestamp': timestamp })).toBe('wrong_signature');
  });

  it('refuses a signature by another secret, and any signature where there is no secret', () => {
    expect(verify(headers, body, [other])).toBe('wrong_signature');
    expect(verify(headers, body, [])).toBe('wrong_signature');
  });

  const signed = headers['webhook-signature'].slice(3);
  it.each([
    '',
    'v1',
    'v1,',
    signed,
    `v1a,${signed}`,
    `V1,${signed}`,
    `v1:${signed}`,
    `v1,${signed.slice(0, -1)}`,
    `v1,${signed}=`,
    `v1,${signed},`,
    `v2,${signed}`,
    `,${signed}`,
    `v1,${Buffer.from(signed, 'base64').toString('hex')}`,
    'v1,'.repeat(5_000),
  ])('takes no signature like %j', (signature) => {
    expect(verify({ ...headers, 'webhook-signature': signature })).toBe('wrong_signature');
  });

  it.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])('needs one %s', (name) => {
    expect(verify({ ...headers, [name]: undefined })).toBe('malformed');
    expect(verify({ ...headers, [name]: [headers[name as keyof typeof headers]] })).toBe('malformed');
  });

  it.each(['', ' 1', '1e9', '1.5', '-1', '+1', '0x10', '01', 'NaN', '1'.repeat(13), '٣'])(
    'knows no time like %j',
    (timestamp) => expect(verify({ ...headers, 'webhook-timestamp': timestamp })).toBe('malformed'),
  );

  it.each(['', 'a.b', '.', 'a b', 'é', 'a\n', 'x'.repeat(256)])('knows no id like %j', (wrong) => {
    expect(verify({ ...headers, 'webhook-id': wrong })).toBe('malformed');
    expect(() => signWebhook([secret], wrong, now, body)).toThrow('No webhook can have the id');
  });

  it('cannot be led to read a dot of the id as the end of it', () => {
    const [start, end] = [`${headers['webhook-timestamp']}.x`, body];
    const forged = { ...headers, 'webhook-id': `${id}.${headers['webhook-timestamp']}` };
    expect(verify(forged, `${start}${end}`)).toBe('malformed');
  });
});
