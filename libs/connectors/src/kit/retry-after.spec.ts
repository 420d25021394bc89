import { retryAfterMs } from './retry-after';

const now = Date.parse('2025-01-15T10:30:00Z');
const day = 86_400_000;

describe('a Retry-After header', () => {
  it.each<[string | undefined, number | undefined]>([
    [undefined, undefined],
    ['0', 0],
    ['120', 120_000],
    [' 5 ', 5_000],
    ['86400', day],
    ['86401', day],
    ['9'.repeat(400), day],
    ['Wed, 15 Jan 2025 10:31:00 GMT', 60_000],
    ['Wed, 15 Jan 2025 10:29:00 GMT', 0],
    ['Wed, 15 Jan 2035 10:31:00 GMT', day],
    ['', undefined],
    ['-1', undefined],
    ['1.5', undefined],
    ['1e3', undefined],
    ['soon', undefined],
    ['2025-01-15', undefined],
    ['Wed, 15 Jan 2025 10:31:00', undefined],
    ['Wed, 15 Jan 2025 10:31:00 CET', undefined],
    ['Wed, 99 Jan 2025 10:31:00 GMT', undefined],
    ['120, 130', undefined],
  ])('%j asks to wait %j ms', (header, expected) => expect(retryAfterMs(header, now)).toBe(expected));
});
