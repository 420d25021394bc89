import * as fc from 'fast-check';
import { createSecretKey, randomBytes } from 'node:crypto';
import { CursorCodec, CursorPosition, maxCursorLength } from './cursor';

const secret = randomBytes(32);
const codec = new CursorCodec(secret);
const query = 'acme?status=OPEN&sort=created_at.desc';
const position: CursorPosition = {
  direction: 'next',
  sortValue: '2026-02-25T21:06:38.000Z',
  id: '019c96a0-10d2-7134-a0b1-2f7d9f0c1d2e',
};
const cursor = codec.encode(position, query);

describe('a cursor', () => {
  it('comes back as the position it was made from', () => {
    const positions = fc.record<CursorPosition>({
      direction: fc.constantFrom('next', 'prev'),
      sortValue: fc.option(fc.string({ unit: 'grapheme', maxLength: 60 })),
      id: fc.uuid(),
    });
    fc.assert(
      fc.property(positions, fc.string(), (made, forQuery) => {
        expect(codec.decode(codec.encode(made, forQuery), forQuery)).toEqual(made);
      }),
    );
  });

  it('tells no value from an empty one', () => {
    const empty = { ...position, sortValue: '' };
    const none = { ...position, sortValue: null };
    expect(codec.decode(codec.encode(empty, query), query)).toEqual(empty);
    expect(codec.decode(codec.encode(none, query), query)).toEqual(none);
  });

  it('fits into a query parameter as it is', () => {
    expect(cursor).toMatch(/^[\w-]+$/);
    expect(cursor.length).toBeLessThan(160);
  });

  it('is good in another process that has the secret, in whatever form', () => {
    const named = new CursorCodec('a secret of some length');
    const bytes = new CursorCodec(Buffer.from('a secret of some length'));
    const key = new CursorCodec(createSecretKey(Buffer.from('a secret of some length')));
    expect(bytes.decode(named.encode(position, query), query)).toEqual(position);
    expect(key.decode(named.encode(position, query), query)).toEqual(position);
  });

  it('is no good under another secret', () => {
    expect(new CursorCodec(randomBytes(32)).decode(cursor, query)).toBeUndefined();
  });

  it.each(['', 'acme', 'other?status=OPEN&sort=created_at.desc', `${query} `, query.replace('desc', 'asc')])(
    'is no good for the query %j',
    (otherQuery) => expect(codec.decode(cursor, otherQuery)).toBeUndefined(),
  );

  it('does not let the query run into the position', () => {
    const payload = JSON.stringify([position.direction, position.sortValue, position.id]);
    const shifted = Buffer.concat([
      Buffer.from(codec.encode(position, 'q'), 'base64url').subarray(0, 16),
      Buffer.from(`q${payload}`),
    ]).toString('base64url');
    expect(codec.decode(shifted, '')).toBeUndefined();
  });

  it('is refused when any of its characters is another', () => {
    for (let i = 0; i < cursor.length; i++) {
      for (const character of ['A', 'B', '_', '=', ' ', 'é']) {
        if (cursor[i] === character) continue;
        expect(codec.decode(cursor.slice(0, i) + character + cursor.slice(i + 1), query)).toBeUndefined();
      }
    }
  });

  it('is refused when cut or continued', () => {
    for (let i = 0; i < cursor.length; i++) expect(codec.decode(cursor.slice(0, i), query)).toBeUndefined();
    for (const tail of ['A', '=', '==', '\n', ' ', '.', cursor]) {
      expect(codec.decode(cursor + tail, query)).toBeUndefined();
    }
  });

  it('is refused above its longest length, however good it is', () => {
    const withText = (length: number): string =>
      codec.encode({ ...position, sortValue: 'x'.repeat(length) }, query);
    const length = [...Array(1000).keys()].find((candidate) => withText(candidate).length > maxCursorLength)!;
    expect(codec.decode(withText(length - 1), query)).toBeDefined();
    expect(codec.decode(withText(length), query)).toBeUndefined();
  });

  it.each([
    '',
    'x',
    '%',
    '{}',
    'null',
    'AAAA',
    'A'.repeat(22),
    'A'.repeat(64),
    'A'.repeat(1024),
    '../../etc/passwd',
  ])('is not %j', (text) => expect(codec.decode(text, query)).toBeUndefined());

  it('is not just any text', () => {
    fc.assert(fc.property(fc.string(), (text) => expect(codec.decode(text, query)).toBeUndefined()));
    fc.assert(fc.property(fc.base64String(), (text) => expect(codec.decode(text, query)).toBeUndefined()));
  });
});
