import { timeOfUuid } from '@redress/domain/integrations';
import { newId } from './ids';

const timeOf = (id: string): number => timeOfUuid(id).getTime();

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
      const { newId: next } = jest.requireActual<typeof import('./ids')>('./ids');
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
