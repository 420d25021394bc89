import { plainJson } from './plain-json';

const read = (text: string | Buffer) => plainJson.read(Buffer.from(text));

describe('the plain reader of JSON', () => {
  it('reads JSON, and tells whole numbers as they were written', () => {
    const outcome = read('{"id":12,"big":12345678901234567890}');
    expect(outcome).toMatchObject({ ok: true, value: { id: 12 } });
    expect(plainJson.numberText(12)).toBe('12');
    expect(plainJson.numberText(12345678901234567890n)).toBeUndefined();
    expect(plainJson.numberText(2 ** 60)).toBeUndefined();
    expect(plainJson.numberText('12')).toBeUndefined();
  });

  it.each([
    ['text', 'no JSON'],
    ['half a character', Buffer.from([0x22, 0xc3, 0x22])],
    ['nothing', ''],
  ])('refuses %s', (_, body) => {
    expect(read(body)).toEqual({ ok: false, problem: 'The message is not JSON in UTF-8.' });
  });

  it('refuses what is too long', () => {
    expect(read(`"${'x'.repeat(1024 * 1024)}"`)).toMatchObject({ ok: false });
    expect(read(`"${'x'.repeat(1024 * 1024 - 2)}"`)).toMatchObject({ ok: true });
  });
});
