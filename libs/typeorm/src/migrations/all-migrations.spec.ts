import { readdirSync } from 'node:fs';
import { migrations } from './all-migrations';

describe('the list of migrations', () => {
  it('has every file of the folder once, in their order', () => {
    const numbers = readdirSync(__dirname).flatMap((file) => /^(\d{4})-/.exec(file)?.[1] ?? []);
    expect(migrations.map(({ name }) => /\d{4}$/.exec(name)?.[0])).toEqual(numbers.sort());
  });
});
