import { fieldChanges } from './change';

describe('the changes of a field', () => {
  it('are told from and to', () => {
    expect(fieldChanges({ a: 1, b: 'x' }, { a: 2, b: 'y' })).toStrictEqual({
      a: { from: 1, to: 2 },
      b: { from: 'x', to: 'y' },
    });
  });

  it('have no from where it was unset, and no to where it is unset now', () => {
    expect(fieldChanges({ gone: 1 }, { come: 2 })).toStrictEqual({ gone: { from: 1 }, come: { to: 2 } });
    expect(fieldChanges(undefined, { come: 0 })).toStrictEqual({ come: { to: 0 } });
  });

  it('are none where nothing changed, however deep', () => {
    const same = () => ({ list: [{ a: 1 }], record: { b: 'x' }, text: 't', none: undefined });
    expect(fieldChanges(same(), same())).toStrictEqual({});
  });

  it('are seen however deep', () => {
    expect(fieldChanges({ list: [{ a: 1 }] }, { list: [{ a: 2 }] })).toStrictEqual({
      list: { from: [{ a: 1 }], to: [{ a: 2 }] },
    });
    expect(fieldChanges({ x: '[1]' }, { x: [1] })).toStrictEqual({ x: { from: '[1]', to: [1] } });
  });

  it('leave out the version and the time, which change every time', () => {
    expect(fieldChanges({ version: 1, updatedAt: 'a' }, { version: 2, updatedAt: 'b' })).toStrictEqual({});
  });
});
