import { errorBody, invalidRequest, maxFaults, problemJson, type Faults, type Problem } from './problem';

const faults = (n: number, name = (i: number) => `field${i}`, problem = 'must be text'): [string, string][] =>
  Array.from({ length: n }, (_, i) => [name(i), problem]);
const fieldsOf = ({ details }: Problem) => Object.keys(details?.['fields'] as object);

describe('a malformed request', () => {
  it('names every fault, up to twenty', () => {
    const problem = invalidRequest(faults(maxFaults));
    expect(fieldsOf(problem)).toHaveLength(20);
    expect(problem.details).not.toHaveProperty('more');
    expect(problem.message).not.toContain('more');
  });

  it('says how many more there are than twenty', () => {
    const one = invalidRequest(faults(21));
    expect(fieldsOf(one)).toHaveLength(20);
    expect(one.details).toMatchObject({ more: 1 });
    expect(one.message).toMatch(/field19 must be text\. 1 more fault is not listed\.$/);
    const many = invalidRequest(faults(90_000));
    expect(many.details).toMatchObject({ more: 89_980 });
    expect(many.message).toMatch(/ 89980 more faults are not listed\.$/);
  });

  it('tells a whole sentence as it is, and finishes one that begins with the name', () => {
    expect(invalidRequest({ a: 'must be text', b: 'The key is empty.' }).message).toBe(
      'a must be text. The key is empty.',
    );
  });

  it('keeps names of members of every object apart from its own', () => {
    const problem = invalidRequest([
      ['__proto__', 'is not known'],
      ['constructor', 'is not known'],
    ]);
    expect(fieldsOf(problem)).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>)['is not known']).toBeUndefined();
  });

  const units = ['x', '"', '\\', '\u0001', 'é', '日', '\ud83d\ude00', '\ud800', '\u2028'];
  it.each(units)('stays below 16 kB, whatever it is about: %j', (unit) => {
    const long = unit.repeat(100_000);
    const bad: readonly Faults[] = [
      faults(1, () => long),
      faults(1, () => 'a', long),
      faults(1, () => 'a', `${long}.`),
      faults(1000, (i) => `${i}${long}`, long),
      faults(1000, (i) => `${i}`, `${long}.`),
      { [long]: long },
    ];
    for (const given of bad) {
      const problem = invalidRequest(given);
      expect(fieldsOf(problem).length).toBeGreaterThan(0);
      expect(problem.message).toMatch(/\.$/);
      for (const accept of [undefined, problemJson]) {
        const { body } = errorBody(problem, accept);
        expect(Buffer.byteLength(body)).toBeLessThan(16_000);
      }
    }
  });

  it('would be longer without the limits', () => {
    const all = Object.fromEntries(faults(1000, (i) => `field${i}`));
    expect(JSON.stringify({ message: JSON.stringify(all), details: all }).length).toBeGreaterThan(16_000);
  });
});
