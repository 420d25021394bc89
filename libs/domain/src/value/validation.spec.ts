import { defined } from './defined';
import { invalid, note, oneOf, optional, text, time, uuid, validate, validateEach } from './validation';

describe('validate', () => {
  const checks = { name: text(3), kind: oneOf(['a', 'b']) };

  it('answers with the first check that fails, in the order of the table', () => {
    expect(validate({ name: 'abc', kind: 'a' }, checks)).toBeUndefined();
    expect(validate({ name: ' ', kind: 'x' }, checks)).toEqual(invalid('name', 'must not be blank'));
    expect(validate({ kind: 'x', name: 'abc' }, checks)).toEqual(invalid('kind', 'must be one of a, b'));
  });

  it('puts the place before the name of the field', () => {
    const list = [
      { name: 'abc', kind: 'a' },
      { name: 'abcd', kind: 'a' },
    ];
    expect(validateEach(list, checks, 'rules')).toEqual(
      invalid('rules[1].name', 'must be at most 3 characters'),
    );
    expect(validateEach(list.slice(0, 1), checks, 'rules')).toBeUndefined();
  });

  it('gives a check the object that its field belongs to', () => {
    const pair = {
      to: (field: string, to: number, { from }: { from: number; to: number }) =>
        to < from ? invalid(field, 'must not be before from') : undefined,
    };
    expect(validate({ from: 2, to: 1 }, pair)?.field).toBe('to');
    expect(validate({ from: 1, to: 2 }, pair)).toBeUndefined();
  });
});

describe('a check', () => {
  it.each([
    ['an optional text', optional(text(3)), undefined, ''],
    ['a note that may be blank', note(3), ' ', 'abcd'],
    ['a note that may be left out', note(3), undefined, '\u0000'],
    ['a time', time, '2026-01-02T03:04:05.678Z', '2026-01-02T03:04:05Z'],
    ['a UUID', uuid, '019c96a0-10ce-75fc-a273-dc799079a99c', '019c96a0'],
  ] as const)('of %s passes and fails', (_what, check, good, bad) => {
    expect(check('field', good as string, undefined)).toBeUndefined();
    expect(check('field', bad, undefined)).toMatchObject({ code: 'invalid_value', field: 'field' });
  });
});

describe('defined', () => {
  it('leaves out undefined alone, and keeps the order', () => {
    const fields = defined({ b: 0, a: undefined, d: '', c: null, e: false });
    expect(Object.entries(fields)).toEqual([
      ['b', 0],
      ['d', ''],
      ['c', null],
      ['e', false],
    ]);
  });
});
