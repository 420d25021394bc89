import { momentOf } from './timestamp-parser';

describe('reading a moment as PostgreSQL writes it', () => {
  it.each([
    ['2025-01-15 10:30:00+00', '2025-01-15T10:30:00.000Z'],
    ['2025-01-15 10:30:00.1+00', '2025-01-15T10:30:00.100Z'],
    ['2025-01-15 10:30:00.12+00', '2025-01-15T10:30:00.120Z'],
    ['2025-01-15 10:30:00.123+00', '2025-01-15T10:30:00.123Z'],
    ['0001-01-01 00:00:00+00', '0001-01-01T00:00:00.000Z'],
    ['9999-12-31 23:59:59.999+00', '9999-12-31T23:59:59.999Z'],
    // in another time zone
    ['2025-01-15 10:30:00+02', '2025-01-15T08:30:00.000Z'],
    ['2025-01-15 10:30:00.5-03:30', '2025-01-15T14:00:00.500Z'],
    // finer than what is stored
    ['2025-01-15 10:30:00.123456+00', '2025-01-15T10:30:00.123Z'],
  ])('reads %s', (text, moment) => expect(momentOf(text)).toBe(moment));

  it('does not take for a moment what is none', () => {
    expect(() => momentOf('infinity')).toThrow(RangeError);
  });
});
