import { claimsFlaw } from './claims';

const now = 1_700_000_000;
const hour = 3600;
const tooLong = 'The token is valid for too long.';

describe('the longest lifetime of a token', () => {
  it.each<[what: string, claims: Record<string, number>, flaw: string | undefined]>([
    ['made now, for an hour', { iat: now, exp: now + hour }, undefined],
    ['made now, for a second more', { iat: now, exp: now + hour + 1 }, tooLong],
    ['made long ago, for longer', { iat: now - hour, exp: now + 1 }, tooLong],
    ['that does not say when it was made', { exp: now + hour }, undefined],
    ['that does not say when it was made, with more time left', { exp: now + hour + 1 }, tooLong],
    ['that claims to be made later', { iat: now + 9 * hour, exp: now + 9 * hour + 1 }, tooLong],
  ])('judges one %s', (_, claims, flaw) => {
    expect(claimsFlaw({}, claims, { maxLifetime: hour }, now)).toBe(flaw);
    expect(claimsFlaw({}, claims, {}, now)).toBeUndefined();
  });
});
