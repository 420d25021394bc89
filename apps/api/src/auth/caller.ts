import { readActor } from '@redress/domain/actions';

/** Who is calling, as the token says. `scopes` may hold names this service does not know; they open nothing. */
export type Caller = Readonly<{ tenant: string; actor: string; scopes: ReadonlySet<string> }>;

type Claims = Readonly<Record<string, unknown>>;

const tenantPattern = /^[A-Za-z0-9._:@-]{1,128}$/;

/**
 * Reads the caller from the claims of a verified token, or says in a sentence why they name none:
 * - actor: `sub`, 1 to 255 characters, as `readActor` has it;
 * - tenant: `tenantId` or `tenant_id`, 1 to 128 of `A-Z a-z 0-9 . _ : @ -`; if both are there they have to agree;
 * - scopes: `scope`, separated by spaces, and `permissions`, an array of strings, taken together; both may be absent.
 */
export function callerOf(claims: unknown): Caller | string {
  if (!isObject(claims)) return 'The claims of the token must be a JSON object.';
  const { sub, tenantId, tenant_id: tenantIdToo, scope = '', permissions = [] } = claims;

  if (typeof sub !== 'string') return 'The claim sub must be a text: the user or system that calls.';
  const actor = readActor(sub);
  if (!actor.ok)
    return `The claim sub ${'problem' in actor.refusal ? actor.refusal.problem : 'is malformed'}.`;

  const tenant = tenantId === undefined ? tenantIdToo : tenantId;
  if (tenant === undefined) return 'The token has no tenant: the claim tenantId or tenant_id is missing.';
  if (tenantIdToo !== undefined && tenantIdToo !== tenant) return 'The claims tenantId and tenant_id differ.';
  if (typeof tenant !== 'string' || !tenantPattern.test(tenant)) {
    return 'The tenant must be a text of 1 to 128 letters, digits or the characters . _ : @ - and nothing else.';
  }

  if (typeof scope !== 'string') return 'The claim scope must be a text, with spaces between the scopes.';
  if (!isStrings(permissions)) return 'The claim permissions must be an array of texts.';

  const scopes = new Set(permissions);
  for (const name of scope.split(' ')) if (name !== '') scopes.add(name);
  return { tenant, actor: actor.value, scopes };
}

export function isObject(value: unknown): value is Claims {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
