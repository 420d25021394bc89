import { ok } from '@redress/domain';
import { isSamePerson, maxActorLength, readActor } from '@redress/domain/actions';
import { oneName, otherPeople, refusedNames, reservedNames, sameLook, sameName } from '../support/spellings';

const problemOf = (name: string): string | undefined => {
  const read = readActor(name);
  return read.ok ? undefined : (read.refusal as { problem?: string }).problem;
};

describe('spellings of one name', () => {
  it('are more than sixty', () => {
    const all = [...Object.values(sameName), ...Object.values(refusedNames), ...sameLook.flat()];
    expect(new Set(all).size).toBeGreaterThan(60);
  });

  it.each(Object.entries(sameName))('stand for one person, with %s', (_, spelling) => {
    expect([isSamePerson(oneName, spelling), isSamePerson(spelling, oneName)]).toEqual([true, true]);
    expect(problemOf(spelling)).toBeUndefined();
  });

  it.each(sameLook)('stand for one person: %s, %s', (a, b) => {
    expect([isSamePerson(a, b), isSamePerson(b, a)]).toEqual([true, true]);
  });

  it.each(Object.entries(refusedNames))('are not accepted, with %s', (_, spelling) => {
    expect(problemOf(spelling)).toMatch(/^must not (contain|mix) /);
  });

  it.each(otherPeople)('tell people apart: %s, %s', (a, b) => {
    expect([isSamePerson(a, b), isSamePerson(b, a)]).toEqual([false, false]);
    expect([readActor(a), readActor(b)]).toEqual([ok(a), ok(b)]);
  });
});

describe('the name of an actor', () => {
  it.each(reservedNames)('is not one of the service itself: %s', (name) => {
    expect(problemOf(name)).toBe('must not begin with redress: or external:');
  });

  it.each(['redress', 'redress-bot', 'my:redress:bot', 'externally:x', 'red:ress', 'jira'])(
    'may be %s',
    (name) => expect(readActor(name)).toEqual(ok(name)),
  );

  it.each([
    ['Ana María', 'Ana María'],
    [' ana ', 'ana'],
    ['Jose\u0301', 'José'],
    ['user-1|x', 'user-1|x'],
    ['юзер1@example.com', 'юзер1@example.com'],
    ['東京tokyo', '東京tokyo'],
    ['µservice', 'µservice'],
    ['😀', '😀'],
    ['محمد', 'محمد'],
    ['नेहा', 'नेहा'],
  ])('%j is written as %j', (given, written) => expect(readActor(given)).toEqual(ok(written)));

  it('has bounds, in characters', () => {
    expect(problemOf('😀'.repeat(maxActorLength))).toBeUndefined();
    expect(problemOf('😀'.repeat(maxActorLength + 1))).toBe('must be at most 255 characters');
    expect([problemOf(''), problemOf(' \u00a0')]).toEqual(['must not be blank', 'must not be blank']);
    expect(problemOf(7 as never)).toBe('must be text');
  });

  it('is never part of its own problem, which becomes a header', () => {
    for (const name of [...Object.values(refusedNames), ...reservedNames])
      expect(problemOf(name)).toMatch(/^[\x20-\x7e]+$/);
  });
});
