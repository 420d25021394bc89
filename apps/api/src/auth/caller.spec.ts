import { callerOf } from './caller';

const claims = { sub: 'ana', tenantId: 'acme', scope: 'exception:read' };

describe('reading the caller', () => {
  it('takes actor, tenant and scopes', () => {
    expect(callerOf(claims)).toEqual({ actor: 'ana', tenant: 'acme', scopes: new Set(['exception:read']) });
  });

  it.each<[why: string, change: object, read: object]>([
    ['a sub with blanks', { sub: 'Ana María' }, { actor: 'Ana María' }],
    ['a sub with blanks at its ends', { sub: ' ana ' }, { actor: 'ana' }],
    ['a sub in another Unicode form', { sub: 'Jose\u0301' }, { actor: 'José' }],
    ['a sub of one character', { sub: 'a' }, { actor: 'a' }],
    ['the longest sub', { sub: 's'.repeat(255) }, { actor: 's'.repeat(255) }],
    ['the longest sub outside the BMP', { sub: '😀'.repeat(255) }, { actor: '😀'.repeat(255) }],
    ['a sub like a URL', { sub: 'https://id.example/users/1|x' }, { actor: 'https://id.example/users/1|x' }],
    ['tenant_id', { tenantId: undefined, tenant_id: 'acme' }, { tenant: 'acme' }],
    ['both spellings, equal', { tenant_id: 'acme' }, { tenant: 'acme' }],
    ['every kind of tenant character', { tenantId: 'Az09._:@-' }, { tenant: 'Az09._:@-' }],
    ['the longest tenant', { tenantId: 't'.repeat(128) }, { tenant: 't'.repeat(128) }],
    ['no scope at all', { scope: undefined }, { scopes: new Set() }],
    ['an empty scope', { scope: '' }, { scopes: new Set() }],
    ['several scopes', { scope: 'a b' }, { scopes: new Set(['a', 'b']) }],
    ['spaces in excess', { scope: ' a   b ' }, { scopes: new Set(['a', 'b']) }],
    ['a tab, which separates nothing', { scope: 'a\tb' }, { scopes: new Set(['a\tb']) }],
    ['permissions', { scope: undefined, permissions: ['a', 'b'] }, { scopes: new Set(['a', 'b']) }],
    ['scope and permissions', { scope: 'a', permissions: ['a', 'b'] }, { scopes: new Set(['a', 'b']) }],
    [
      'a permission with a space, whole',
      { scope: 'c', permissions: ['a b'] },
      { scopes: new Set(['a b', 'c']) },
    ],
    ['no permissions', { permissions: [] }, {}],
    ['unknown claims', { roles: 7, tenantID: 'x', constructor: 'x' }, {}],
  ])('accepts %s', (_, change, read) => {
    const expected = { actor: 'ana', tenant: 'acme', scopes: new Set(['exception:read']), ...read };
    expect(callerOf({ ...claims, ...change })).toEqual(expected);
  });

  it.each<[why: string, change: object, problem: string]>([
    ['no sub', { sub: undefined }, 'sub must be a text'],
    ['a null sub', { sub: null }, 'sub must be a text'],
    ['a number', { sub: 1 }, 'sub must be a text'],
    ['an array', { sub: ['ana'] }, 'sub must be a text'],
    ['an empty sub', { sub: '' }, 'sub must not be blank'],
    ['a blank sub', { sub: ' \n\u00a0' }, 'sub must not be blank'],
    ['a sub too long', { sub: 's'.repeat(256) }, 'at most 255'],
    ['a sub too long outside the BMP', { sub: '😀'.repeat(256) }, 'at most 255'],
    ['U+0000', { sub: 'a\0' }, 'U+0000'],
    ['half a surrogate pair', { sub: 'a\ud800' }, 'surrogate'],
    ['an invisible character', { sub: 'a\u200bna' }, 'U+200B'],
    ['a character that turns the direction', { sub: '\u202eana' }, 'U+202E'],
    ['a letter of another alphabet', { sub: 'аna' }, 'must not mix'],
    ['a name of the service itself', { sub: 'redress:approvals' }, 'must not begin with redress:'],
    ['a name of an external system', { sub: 'External:JIRA' }, 'must not begin with redress:'],
    ['no tenant', { tenantId: undefined }, 'no tenant'],
    ['an empty tenant', { tenantId: '' }, 'tenant must be'],
    ['a blank tenant', { tenantId: ' ' }, 'tenant must be'],
    ['a null tenant', { tenantId: null }, 'tenant must be'],
    ['a null tenant beside a good one', { tenantId: null, tenant_id: 'acme' }, 'differ'],
    ['a good tenant beside a null one', { tenant_id: null }, 'differ'],
    ['different tenants', { tenant_id: 'other' }, 'differ'],
    ['a tenant number', { tenantId: 1 }, 'tenant must be'],
    ['one tenant array twice', { ...twice(['acme']) }, 'tenant must be'],
    ['a tenant with a line feed', { tenantId: 'acme\n' }, 'tenant must be'],
    ['a tenant with a slash', { tenantId: 'a/b' }, 'tenant must be'],
    ['a tenant outside ASCII', { tenantId: 'acmé' }, 'tenant must be'],
    ['a tenant too long', { tenantId: 't'.repeat(129) }, 'tenant must be'],
    ['a scope array', { scope: ['a'] }, 'scope must be'],
    ['a null scope', { scope: null }, 'scope must be'],
    ['permissions as a text', { permissions: 'a' }, 'permissions must be'],
    ['permissions with a number', { permissions: ['a', 1] }, 'permissions must be'],
    ['null permissions', { permissions: null }, 'permissions must be'],
  ])('refuses %s', (_, change, problem) => expect(callerOf({ ...claims, ...change })).toContain(problem));

  it.each([undefined, null, 1, 'ana', [claims], true])('refuses %j for claims', (value) => {
    expect(callerOf(value)).toContain('JSON object');
  });

  it('reads no inherited claims', () => {
    expect(callerOf(JSON.parse(`{"__proto__":${JSON.stringify(claims)}}`))).toContain('sub must be');
  });
});

function twice(tenant: unknown): object {
  return { tenantId: tenant, tenant_id: tenant };
}
