import { replacedSecret, validSecrets } from './secret-rotation';

describe('a replaced secret', () => {
  it('is valid beside its successor for a day, to the millisecond', () => {
    const now = '2025-01-15T10:30:00.000Z';
    const first = replacedSecret('first', now);
    expect(first).toEqual({ secret: 'first', until: '2025-01-16T10:30:00.000Z' });
    expect(validSecrets('second', first, now)).toEqual(['second', 'first']);
    expect(validSecrets('second', first, '2025-01-16T10:29:59.999Z')).toEqual(['second', 'first']);
    expect(validSecrets('second', first, '2025-01-16T10:30:00.000Z')).toEqual(['second']);
    expect(validSecrets('first', undefined, now)).toEqual(['first']);
    // A third one ends the first at once: two are valid, never three.
    expect(validSecrets('third', replacedSecret('second', now), now)).toEqual(['third', 'second']);
  });
});
