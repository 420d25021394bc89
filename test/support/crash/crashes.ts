import { everyWay, type Failpoint } from './life';
import { play, type Stage } from './play';
import type { Scenario } from './scenarios';

/**
 * Every failpoint of a scenario: its steps are found out by dying at one after the other, until there is none. Where
 * several deaths are asked for, the process that takes over dies as well, at each of its own steps.
 */
export async function everyCrash(
  stage: Stage,
  scenario: Scenario,
  deaths = 1,
): Promise<{ covered: string[]; flaws: string[] }> {
  const undisturbed = await play(stage, scenario);
  const covered: string[] = [];
  const flaws = undisturbed.flaws.map((flaw) => `undisturbed: ${flaw}`);
  const die = async (before: readonly Failpoint[], places: readonly string[]): Promise<void> => {
    for (const ways of everyWay) {
      for (let step = 1; ; step++) {
        const ends = [...before, { step, ...ways }];
        const played = await play(stage, scenario, ...ends);
        if (!played.struck) break;
        const where = [...places, `${ways.how} ${ways.when} ${step}, ${played.steps[step - 1]}`];
        if (!before.length) covered.push(where.join());
        const isOther = played.essence !== undisturbed.essence;
        // A unit of work whose connection breaks is run once more on another, and the client hears nothing of it.
        const isAlone = ways.how === 'cut off' && ends.length === 1 && !scenario.lostRaces;
        if (isAlone && played.asks > 1) flaws.push(`${where.join()}: the client was told of it`);
        const left = isOther ? [`left ${played.essence} and not ${undisturbed.essence}`] : [];
        flaws.push(...[...played.flaws, ...left].map((flaw) => `${where.join('; ')}: ${flaw}`));
        if (ends.length < deaths) await die(ends, where);
      }
    }
  };
  await die([], []);
  return { covered, flaws };
}
