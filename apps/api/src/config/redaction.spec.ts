import { masked } from '@redress/typeorm';
import { describeError, redacted } from './redaction';

describe('redacting a value', () => {
  it('takes out what has a telling name, at any depth and in any spelling', () => {
    const names = [
      'authorization',
      'Cookie',
      'set-cookie',
      'idempotency-key',
      'X-Idempotency-Key',
      'idempotencyKey',
      'password',
      'JWT_SECRET',
      'clientSecret',
      'access_token',
      'body',
      'query',
      'parameters',
      'headers',
    ];
    const canaries = Object.fromEntries(names.map((name) => [name, { inner: 'canary' }]));
    const line = redacted({ ...canaries, deep: [{ deeper: canaries }], kept: 'kept' });
    expect(JSON.stringify(line)).not.toContain('canary');
    expect(line).toMatchObject({ kept: 'kept', body: '[redacted]' });
  });

  it('leaves the value itself alone', () => {
    const value = { token: 'canary', list: [{ secret: 'canary' }] };
    redacted(value);
    expect(value).toEqual({ token: 'canary', list: [{ secret: 'canary' }] });
  });

  it('says of bytes only how many', () => {
    expect(redacted({ file: Buffer.from('canary') })).toEqual({ file: '[6 bytes]' });
  });

  it('ends with what contains itself', () => {
    const loop: Record<string, unknown> = {};
    loop.again = loop;
    expect(JSON.stringify(redacted(loop))).toContain('[…]');
  });
});

describe('masking a text', () => {
  it.each([
    ['at postgres://redress:canary@db:5432/redress failed', 'at postgres://***@db:5432/redress failed'],
    ['postgres://redress:can@ry@db/x', 'postgres://***@db/x'],
    ['https://canary@hooks.example/x?token=canary "next"', 'https://***@hooks.example/x?*** "next"'],
    ['https://a.example/x, https://b.example/?k=canary', 'https://a.example/x, https://b.example/?***'],
    ['Bearer eyJhbGciOi.eyJzdWIiOi.canary_-x expired', 'Bearer *** expired'],
    ['Is somebody@example.com there?', 'Is somebody@example.com there?'],
  ])('%s', (text, expected) => expect(masked(text)).toBe(expected));
});

describe('describing an error', () => {
  it('keeps type, message, stack and what names a place', () => {
    const error = Object.assign(new RangeError('duplicate key value violates unique constraint "one"'), {
      code: '23505',
      constraint: 'one',
      detail: 'Key (reason)=(canary) already exists.',
      parameters: ['canary'],
      query: 'select canary',
    });
    const described = describeError(error);
    expect(described).toMatchObject({
      type: 'RangeError',
      code: '23505',
      constraint: 'one',
      message: error.message,
    });
    expect(described.stack).toMatch(/^RangeError: duplicate key .*\n\s+at /);
    expect(JSON.stringify(described)).not.toContain('canary');
  });

  it.each([
    Object.assign(new Error('invalid input syntax for type uuid: "canary"'), { code: '22P02' }),
    Object.assign(new Error('value "canary" is out of range for type integer'), { code: '22003' }),
    new SyntaxError(`Unexpected token 'c', "canary" is not valid JSON`),
    new Error('failed', { cause: Object.assign(new Error('bad "canary"'), { code: '22023' }) }),
    Object.assign(new Error('failed'), { driverError: new SyntaxError('"canary" is wrong') }),
    new Error('no answer from postgres://redress:canary@db/redress'),
  ])('does not repeat the input that %s quotes', (error) => {
    expect(JSON.stringify(describeError(error))).not.toContain('canary');
  });

  it('follows causes, but not in circles', () => {
    const error = new Error('outer');
    error.cause = error;
    expect(describeError(new Error('top', { cause: error }))).toMatchObject({ cause: { message: 'outer' } });
  });
});
