import fc from 'fast-check';
import { hoursBetween, parseTimestamp, plusHours, timestamp } from './timestamp';

const first = new Date('0001-01-01T00:00:00.000Z');
const last = new Date('9999-12-31T23:59:59.999Z');
const moments = fc.date({ min: first, max: last, noInvalidDate: true });

describe('reading a timestamp', () => {
  it.each([
    ['2025-01-15T10:30:00.000Z', '2025-01-15T10:30:00.000Z'],
    ['2025-01-15T10:30:00Z', '2025-01-15T10:30:00.000Z'],
    ['2025-01-15t10:30:00z', '2025-01-15T10:30:00.000Z'],
    ['2025-01-15T10:30:00.1Z', '2025-01-15T10:30:00.100Z'],
    ['2025-01-15T10:30:00.12Z', '2025-01-15T10:30:00.120Z'],
    ['2025-01-15T10:30:00.123456789Z', '2025-01-15T10:30:00.123Z'],
    ['2025-01-15T10:30:00.9999999999999999999999Z', '2025-01-15T10:30:00.999Z'],
    [`2025-01-15T10:30:00.${'9'.repeat(100_000)}Z`, '2025-01-15T10:30:00.999Z'],
    ['2025-01-15T10:30:00+00:00', '2025-01-15T10:30:00.000Z'],
    ['2025-01-15T10:30:00-00:00', '2025-01-15T10:30:00.000Z'],
    ['2025-01-15T10:30:00+02:00', '2025-01-15T08:30:00.000Z'],
    ['2025-01-15T10:30:00-03:30', '2025-01-15T14:00:00.000Z'],
    ['2025-01-15T10:30:00+05:45', '2025-01-15T04:45:00.000Z'],
    ['2025-01-15T10:30:00.5+23:59', '2025-01-14T10:31:00.500Z'],
    ['2025-01-15T10:30:00-23:59', '2025-01-16T10:29:00.000Z'],
    ['2025-01-01T00:30:00+01:00', '2024-12-31T23:30:00.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['2000-02-29T00:00:00Z', '2000-02-29T00:00:00.000Z'],
    ['2024-02-29T23:30:00-01:00', '2024-03-01T00:30:00.000Z'],
    ['1969-12-31T23:59:59.9999Z', '1969-12-31T23:59:59.999Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
    ['0099-06-30T12:00:00Z', '0099-06-30T12:00:00.000Z'],
    ['0000-12-31T23:30:00-01:00', '0001-01-01T00:30:00.000Z'],
    ['9999-12-31T23:59:59.999999Z', '9999-12-31T23:59:59.999Z'],
  ])('reads %s', (text, expected) => {
    expect(parseTimestamp(text)).toBe(expected);
  });

  it.each([
    // not a date-time
    ...[
      '',
      'now',
      '2025',
      '2025-01',
      '2025-01-15',
      '10:30:00Z',
      '1736937000',
      '2025-W03-3',
      'Wed, 15 Jan 2025 10:30:00 GMT',
    ],
    // not in full
    ...[
      '2025-01-15T10Z',
      '2025-01-15T10:30Z',
      '2025-01-15T10:30:00',
      '2025-01-15T10:30:00.Z',
      '2025-1-15T10:30:00Z',
    ],
    ...['25-01-15T10:30:00Z', '2025-01-15T1:30:00Z', '20250115T103000Z', '2025-015T10:30:00Z'],
    // other separators
    ...['2025-01-15 10:30:00Z', '2025-01-15_10:30:00Z', '2025/01/15T10:30:00Z', '2025-01-15T10:30:00,5Z'],
    ...[' 2025-01-15T10:30:00Z', '2025-01-15T10:30:00Z ', '2025-01-15T10:30:00Z\n', '2025-01-15T10:30:00 Z'],
    // no such day
    ...['2025-02-29T00:00:00Z', '2025-02-30T00:00:00Z', '2024-02-30T00:00:00Z', '1900-02-29T00:00:00Z'],
    ...['2100-02-29T00:00:00Z', '2025-04-31T00:00:00Z', '2025-01-32T00:00:00Z', '2025-01-00T00:00:00Z'],
    ...['2025-00-01T00:00:00Z', '2025-13-01T00:00:00Z', '2025-99-99T00:00:00Z'],
    // no such time
    ...['2025-01-15T24:00:00Z', '2025-01-15T23:60:00Z', '2025-01-15T23:59:60Z', '2016-12-31T23:59:60Z'],
    // no such offset
    ...[
      '2025-01-15T10:30:00+24:00',
      '2025-01-15T10:30:00-24:00',
      '2025-01-15T10:30:00+00:60',
      '2025-01-15T10:30:00+99:99',
    ],
    ...[
      '2025-01-15T10:30:00+0200',
      '2025-01-15T10:30:00+02',
      '2025-01-15T10:30:00+2:00',
      '2025-01-15T10:30:00ZZ',
    ],
    ...[
      '2025-01-15T10:30:00CET',
      '2025-01-15T10:30:00+02:00Z',
      '2025-01-15T10:30:00−02:00',
      '2025-01-15T10:30:00Z[UTC]',
    ],
    // outside the years 0001 to 9999
    ...[
      '0000-01-01T00:00:00Z',
      '0000-12-31T23:59:59Z',
      '0001-01-01T00:30:00+01:00',
      '9999-12-31T23:30:00-01:00',
    ],
    ...['10000-01-01T00:00:00Z', '+010000-01-01T00:00:00Z', '-000001-01-01T00:00:00Z'],
    // digits, but not those of RFC 3339
    '２０２５-01-15T10:30:00Z',
  ])('refuses %j', (text) => {
    expect(parseTimestamp(text)).toBeUndefined();
  });

  it('reads every moment in every notation of it', () => {
    const offsets = fc.integer({ min: -(24 * 60 - 1), max: 24 * 60 - 1 });
    fc.assert(
      fc.property(
        moments,
        offsets,
        fc.string({ unit: fc.constantFrom(...Array.from('0123456789')) }),
        (date, offset, more) => {
          const local = new Date(date.getTime() + offset * 60_000);
          fc.pre(local >= first && local <= last);
          const pad = (n: number) => String(n).padStart(2, '0');
          const ahead = Math.abs(offset);
          const zone = `${offset < 0 ? '-' : '+'}${pad(Math.floor(ahead / 60))}:${pad(ahead % 60)}`;
          expect(parseTimestamp(local.toISOString().replace('Z', more + zone))).toBe(date.toISOString());
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('takes just the days and times that exist', () => {
    const isLeap = (year: number) => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
    const daysIn = (year: number, month: number) =>
      [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
    const parts = fc.record({
      year: fc.oneof(
        fc.integer({ min: 0, max: 9999 }),
        fc.constantFrom(0, 4, 100, 400, 1900, 2000, 2024, 2100),
      ),
      month: fc.oneof(fc.integer({ min: 0, max: 13 }), fc.constant(2)),
      day: fc.oneof(fc.integer({ min: 0, max: 33 }), fc.integer({ min: 28, max: 31 })),
      hours: fc.integer({ min: 0, max: 25 }),
      minutes: fc.integer({ min: 0, max: 61 }),
    });
    fc.assert(
      fc.property(parts, ({ year, month, day, hours, minutes }) => {
        const pad = (n: number, width = 2) => String(n).padStart(width, '0');
        const text = `${pad(year, 4)}-${pad(month)}-${pad(day)}T${pad(hours)}:${pad(minutes)}:00.000Z`;
        const exists = year > 0 && day >= 1 && day <= daysIn(year, month) && hours < 24 && minutes < 60;
        expect(parseTimestamp(text)).toBe(exists ? text : undefined);
      }),
      { numRuns: 5000 },
    );
  });
});

describe('a timestamp', () => {
  it('is read back as it is written', () => {
    fc.assert(fc.property(moments, (date) => expect(parseTimestamp(timestamp(date))).toBe(timestamp(date))));
  });

  it('sorts as text the way it sorts in time', () => {
    fc.assert(
      fc.property(moments, moments, (a, b) => {
        expect(timestamp(a) < timestamp(b)).toBe(a < b);
      }),
    );
  });

  it.each([
    ['2025-01-15T10:30:00.000Z', 24, '2025-01-16T10:30:00.000Z'],
    ['2025-02-28T10:30:00.000Z', 24, '2025-03-01T10:30:00.000Z'],
    ['2025-01-15T10:30:00.000Z', 0.5, '2025-01-15T11:00:00.000Z'],
    ['2025-01-15T10:30:00.000Z', 1 / 3_600_000, '2025-01-15T10:30:00.001Z'],
    ['2025-01-15T10:30:00.000Z', -168, '2025-01-08T10:30:00.000Z'],
    ['2025-03-30T00:30:00.000Z', 2, '2025-03-30T02:30:00.000Z'], // whatever summer time does elsewhere
  ])('%s plus %d hours is %s', (t, hours, expected) => {
    expect(plusHours(t, hours)).toBe(expected);
  });

  it.each([
    ['2025-01-15T10:30:00.000Z', '2025-01-16T10:30:00.000Z', 24],
    ['2025-01-15T10:30:00.000Z', '2025-01-15T10:45:00.000Z', 0.25],
    ['2025-01-16T10:30:00.000Z', '2025-01-15T10:30:00.000Z', -24],
    ['2025-01-15T10:30:00.000Z', '2025-01-15T10:30:00.000Z', 0],
  ])('from %s to %s it is %d hours', (from, to, expected) => {
    expect(hoursBetween(from, to)).toBe(expected);
  });

  it('is as many hours away as were added', () => {
    const thisCentury = fc.date({
      min: new Date('2000-01-01'),
      max: new Date('2099-12-31'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(thisCentury, fc.integer({ min: -10_000, max: 10_000 }), (date, hours) => {
        const t = timestamp(date);
        expect(hoursBetween(t, plusHours(t, hours))).toBe(hours);
      }),
    );
  });
});
