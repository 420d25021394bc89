import { isUuid, newId } from './ids';

const timeOf = (id: string): number => parseInt(id.slice(0, 8) + id.slice(9, 13), 16);

function expectRising(ids: string[]): void {
  for (let i = 1; i < ids.length; i++)
    if (ids[i]! <= ids[i - 1]!) throw new Error(`${ids[i]} after ${ids[i - 1]}`);
}

describe('a new id', () => {
  afterEach(() => jest.restoreAllMocks());

  it('is a UUIDv7 of now', () => {
    const before = Date.now();
    const id = newId();
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(isUuid(id)).toBe(true);
    expect(timeOf(id)).toBeGreaterThanOrEqual(before);
    expect(timeOf(id)).toBeLessThanOrEqual(Date.now());
  });

  it('is greater than every earlier one, over many milliseconds', () => {
    expectRising(Array.from({ length: 200_000 }, newId));
  });

  it('is greater than every earlier one within a millisecond', () => {
    const now = Date.now() + 1000;
    jest.spyOn(Date, 'now').mockReturnValue(now);
    const ids = Array.from({ length: 50_000 }, newId);
    expectRising(ids);
    expect(new Set(ids.map(timeOf))).toEqual(new Set([now]));
  });

  it('is greater than every earlier one while the clock steps back and returns', () => {
    const start = Date.now() + 2000;
    const clock = jest.spyOn(Date, 'now');
    const ids = [0, 1, -500, -1, 0, 1, 2, -3_600_000, 3].map((offset) => {
      clock.mockReturnValue(start + offset);
      return newId();
    });
    expectRising(ids);
    expect(ids.map((id) => timeOf(id) - start)).toEqual([0, 1, 1, 1, 1, 1, 2, 2, 3]);
  });

  it('borrows the next millisecond when one is full', () => {
    jest.isolateModules(() => {
      // A counter that starts at its last value is full after one id.
      jest.doMock('node:crypto', () => ({
        ...jest.requireActual('node:crypto'),
        randomInt: () => 0x3ffffff,
      }));
      const { newId: next } = require('./ids') as typeof import('./ids');
      jest.spyOn(Date, 'now').mockReturnValue(1_772_053_598_000);
      const ids = Array.from({ length: 4 }, next);
      expectRising(ids);
      expect(ids.map((id) => timeOf(id) - 1_772_053_598_000)).toEqual([0, 1, 2, 3]);
      jest.dontMock('node:crypto');
    });
  });

  it('ends in digits that no earlier one had', () => {
    expect(new Set(Array.from({ length: 10_000 }, () => newId().slice(-12))).size).toBe(10_000);
  });
});

describe('recognizing a UUID', () => {
  it.each([
    '019c96a0-10d2-7134-a0b1-2f7d9f0c1d2e',
    '019C96A0-10D2-7134-A0B1-2F7D9F0C1D2E',
    '019c96A0-10d2-7134-B0b1-2f7d9f0c1d2e',
    ...[1, 2, 3, 4, 5, 6, 7, 8].map((version) => `919108f7-52d1-${version}320-9bac-f847db4148a8`),
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
  ])('accepts %s', (text) => expect(isUuid(text)).toBe(true));

  it.each([
    '',
    '1',
    'not-a-uuid',
    '019c96a010d27134a0b12f7d9f0c1d2e',
    '{019c96a0-10d2-7134-a0b1-2f7d9f0c1d2e}',
    'urn:uuid:019c96a0-10d2-7134-a0b1-2f7d9f0c1d2e',
    '019c96a0-10d2-7134-a0b1-2f7d9f0c1d2',
    '019c96a0-10d2-7134-a0b1-2f7d9f0c1d2ee',
    '019c96a0-10d2-7134-a0b1-2f7d9f0c1d2g',
    '019c96a0-10d2-9134-a0b1-2f7d9f0c1d2e',
    '019c96a0-10d2-0134-a0b1-2f7d9f0c1d2e',
    '019c96a0-10d2-7134-c0b1-2f7d9f0c1d2e',
    ' 019c96a0-10d2-7134-a0b1-2f7d9f0c1d2e',
    '019c96a0-10d2-7134-a0b1-2f7d9f0c1d2e\n',
  ])('refuses %j', (text) => expect(isUuid(text)).toBe(false));
});
