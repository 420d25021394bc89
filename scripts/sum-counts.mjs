import { existsSync, readFileSync } from 'node:fs';

// Each argument names a file of counts and the exit status of the command that should have written it.
const counts = process.argv.slice(2).map((argument) => {
  const [, file, status] = /^(.*):(\d+)$/.exec(argument);
  const { passed, failed } = existsSync(file)
    ? JSON.parse(readFileSync(file, 'utf8'))
    : { passed: 0, failed: 0 };
  // A command may fail without a single failed count, for instance before its first test.
  return { passed, failed: status === '0' ? failed : Math.max(failed, 1) };
});

const [tests] = counts;
const sum = (key) => counts.reduce((total, count) => total + count[key], 0);
const testsRan = tests.passed + tests.failed > 0;

process.exitCode = testsRan && sum('failed') === 0 ? 0 : 1;
console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
