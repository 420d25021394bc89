import { etag, readIfMatch } from './conditional';

describe('the entity tag of a version', () => {
  it('is strong and quoted', () => expect(etag(7)).toBe('"7"'));

  it.each([0, 1, 7, 42, 2_147_483_647])('of %d is accepted back', (version) => {
    expect(readIfMatch(etag(version))).toEqual({ ok: true, version });
  });
});

describe('reading If-Match', () => {
  it.each([undefined, '*'])('finds no condition in %s', (header) => {
    expect(readIfMatch(header)).toEqual({ ok: true });
  });

  it.each<[header: string, problem: string]>([
    ['7', 'as received, quotes included'],
    ['', 'as received'],
    ['""', 'as received'],
    ['"', 'as received'],
    ['"7', 'as received'],
    ['7"', 'as received'],
    ["'7'", 'as received'],
    ['"*"', 'as received'],
    ['**', 'as received'],
    ['"07"', 'as received'],
    ['"-7"', 'as received'],
    ['"+7"', 'as received'],
    ['"7.0"', 'as received'],
    ['"7e0"', 'as received'],
    ['"0x7"', 'as received'],
    ['" 7"', 'as received'],
    ['"٧"', 'as received'],
    ['"7"\n', 'as received'],
    ['"abc"', 'as received'],
    [`"${'9'.repeat(16)}"`, 'as received'],
    [`"${'9'.repeat(100_000)}"`, 'as received'],
    ['W/"7"', 'weak ETag'],
    ['w/"7"', 'weak ETag'],
    ['"7", "8"', 'a list'],
    ['"7","7"', 'a list'],
    ['W/"7", "7"', 'a list'],
    ['*, "7"', 'a list'],
    [',', 'a list'],
  ])('refuses %.20s with a sentence', (header, problem) => {
    const read = readIfMatch(header);
    expect(read).toEqual({ ok: false, problem: expect.stringContaining(problem) });
    expect(!read.ok && read.problem).toMatch(/^If-Match holds .*: send .*\.$/);
  });
});
