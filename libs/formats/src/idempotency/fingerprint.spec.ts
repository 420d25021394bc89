import * as fc from 'fast-check';
import { canonicalJson } from '../json/json-value';
import { parseStrictJson } from '../json/strict-json';
import { canonicalQuery, fingerprintOf, type KeyScope, type RequestContent, scopeOf } from './fingerprint';

const scope: KeyScope = {
  tenant: 'acme',
  actor: 'ana',
  method: 'POST',
  path: '/v1/exceptions/1/resolve',
  query: '',
  key: 'k1',
};
const content: RequestContent = { contentType: 'application/json', ifMatch: '"7"', body: '{"a":1}' };

function fingerprintOfBody(text: string): string {
  const parsed = parseStrictJson(Buffer.from(text));
  return parsed.ok ? fingerprintOf({ ...content, body: canonicalJson(parsed.value) }) : parsed.problem;
}

describe('the scope of a key', () => {
  it('is a hash that does not show the key', () => {
    expect(scopeOf(scope)).toMatch(/^[\w-]{43}$/);
    expect(scopeOf({ ...scope })).toBe(scopeOf(scope));
  });

  it.each(Object.keys(scope) as (keyof KeyScope)[])('depends on the %s', (part) => {
    expect(scopeOf({ ...scope, [part]: 'other' })).not.toBe(scopeOf(scope));
  });

  it('does not mix one part with the next', () => {
    const variants: Partial<KeyScope>[] = [
      { tenant: 'a:b', actor: 'c' },
      { tenant: 'a', actor: 'b:c' },
      { tenant: 'a:b|c', actor: '' },
      { tenant: 'a', actor: 'b|c' },
      { tenant: '', actor: 'a:b|c' },
      { tenant: 'a1:b', actor: 'c' },
      { tenant: 'a', actor: '1:bc' },
    ];
    expect(new Set(variants.map((variant) => scopeOf({ ...scope, ...variant }))).size).toBe(variants.length);
  });

  it('is equal only where every part is', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', ':', '|', '1', '2', '-', 'é'), maxLength: 4 });
    const scopes = fc.record({
      tenant: text,
      actor: text,
      method: text,
      path: text,
      query: fc.constant(''),
      key: text,
    });
    fc.assert(
      fc.property(scopes, scopes, (a, b) => {
        expect(scopeOf(a) === scopeOf(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
    );
  });

  it('takes queries that say the same as one', () => {
    expect(scopeOf({ ...scope, query: 'b=2&a=1' })).toBe(scopeOf({ ...scope, query: 'a=%31&b=2' }));
  });
});

describe('the canonical query', () => {
  it.each([
    ['', ''],
    ['a=1', 'a=1'],
    ['b=2&a=1', 'a=1&b=2'],
    ['a=2&b=0&a=1', 'a=2&a=1&b=0'],
    ['a', 'a='],
    ['&&a=1&', 'a=1'],
    ['a=b=c', 'a=b%3Dc'],
    ['%61=%62', 'a=b'],
    ['a=x%20y', 'a=x+y'],
    ['a=x+y', 'a=x+y'],
    ['a=%e2%82%ac', 'a=%E2%82%AC'],
    ['a=%26b%3D1', 'a=%26b%3D1'],
    ['a=%FF', 'a=%25FF'],
    ['a=%', 'a=%25'],
    ['__proto__=1', '__proto__=1'],
  ])('of %j is %j', (query, canonical) => expect(canonicalQuery(query)).toBe(canonical));

  it('keeps different queries apart', () => {
    const queries = ['a=1', 'a=2', 'a=1&a=2', 'a=2&a=1', 'a=1%26a=2', 'A=1', 'a=%FE', 'a=%FF', 'a=%EF%BF%BD'];
    expect(new Set(queries.map(canonicalQuery)).size).toBe(queries.length);
  });

  it('is canonical already when made a second time, and never fails', () => {
    const query = fc.string({
      unit: fc.constantFrom('a', 'b', '=', '&', '+', '%', '2', '5', 'F', 'é', '\ud800'),
    });
    fc.assert(
      fc.property(query, (text) => expect(canonicalQuery(canonicalQuery(text))).toBe(canonicalQuery(text))),
    );
  });
});

describe('the fingerprint of a request', () => {
  it('is stable: stored ones are compared with those of later versions', () => {
    expect(fingerprintOf(content)).toBe('VM5rMgKX2u0tmF0pBdXECvgcatgMDRglzqn13f707rc');
  });

  it('ignores what does not change the meaning of the content type', () => {
    expect(fingerprintOf({ ...content, contentType: 'Application/JSON; charset=utf-8' })).toBe(
      fingerprintOf(content),
    );
  });

  it('depends on content type, If-Match and body, and tells absent from empty', () => {
    const variants: RequestContent[] = [
      content,
      { ...content, contentType: 'text/csv' },
      { ...content, contentType: '' },
      { ...content, contentType: undefined },
      { ...content, ifMatch: '"8"' },
      { ...content, ifMatch: '' },
      { ...content, ifMatch: undefined },
      { ...content, ifMatch: '-' },
      { ...content, body: '{"a":2}' },
      { ...content, body: '' },
      { ...content, body: undefined },
      { ...content, ifMatch: undefined, body: undefined },
    ];
    expect(new Set(variants.map(fingerprintOf)).size).toBe(variants.length);
  });

  it('does not mix If-Match with the body', () => {
    const pairs = [
      { ifMatch: 'a:b', body: 'c' },
      { ifMatch: 'a', body: 'b:c' },
      { ifMatch: 'a1:b', body: '' },
      { ifMatch: 'a', body: '1:b' },
    ];
    expect(new Set(pairs.map((pair) => fingerprintOf({ ...content, ...pair }))).size).toBe(pairs.length);
  });

  it('is the same for bodies that differ in spacing, member order or escapes', () => {
    expect(fingerprintOfBody('{ "b": [1, 2], "a": "\\u0078" }')).toBe(
      fingerprintOfBody('{"a":"x","b":[1,2]}'),
    );
  });

  it.each([
    ['integers above 2^53', '{"amount":9007199254740992}', '{"amount":9007199254740993}'],
    ['over-precise decimals', '{"amount":0.1}', '{"amount":0.1000000000000000055511151231257827}'],
    ['spellings of a number', '{"amount":1}', '{"amount":1.0}'],
    ['a number and its text', '{"amount":1}', '{"amount":"1"}'],
    ['array orders', '[1,2]', '[2,1]'],
    ['a member and none', '{"a":null}', '{}'],
  ])('keeps apart %s, which a parse to doubles may not', (_, one, other) => {
    expect(fingerprintOfBody(one)).not.toBe(fingerprintOfBody(other));
  });

  it('is never made of bodies that two readers understand differently', () => {
    expect(fingerprintOfBody('{"a":1,"a":2}')).toContain('is given twice');
    expect(fingerprintOfBody('{"__proto__":{"a":1}}')).toContain('is reserved');
  });
});
