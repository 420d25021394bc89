import { former, holding } from './rotation';

describe('a secret whose place another takes', () => {
  it('holds beside it, for a day to the millisecond', () => {
    const now = '2025-01-15T10:30:00.000Z';
    const first = former('first', now);
    expect(first).toEqual({ secret: 'first', until: '2025-01-16T10:30:00.000Z' });
    expect(holding('second', first, now)).toEqual(['second', 'first']);
    expect(holding('second', first, '2025-01-16T10:29:59.999Z')).toEqual(['second', 'first']);
    expect(holding('second', first, '2025-01-16T10:30:00.000Z')).toEqual(['second']);
    expect(holding('first', undefined, now)).toEqual(['first']);
    // A third one ends the first at once: two hold, never three.
    expect(holding('third', former('second', now), now)).toEqual(['third', 'second']);
  });
});
