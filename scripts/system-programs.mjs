import { spawnSync } from 'node:child_process';

/*
 * Programs of other projects that some tests use as they are. Where one is missing, it is installed from Debian's packages if
 * that is possible without asking: as root, in a build. What cannot be had is said, and the tests that need it say so as well.
 */
const programs = {
  pgbouncer: { package: 'pgbouncer', used: 'the tests of poolers' },
  ssconvert: { package: 'gnumeric', used: 'the tests with a real spreadsheet' },
  pg_dump: { package: 'postgresql-client', used: 'the tests of backups' },
};

// Some are for administrators alone, and not on everyone's path.
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin`, DEBIAN_FRONTEND: 'noninteractive' };
const isThere = (program) => spawnSync(program, ['--version'], { env, stdio: 'ignore' }).status === 0;

const missing = Object.keys(programs).filter((program) => !isThere(program));
if (missing.length > 0 && process.env.CI && process.getuid?.() === 0) {
  aptGet('update');
  for (const program of missing)
    aptGet('install', '-y', '--no-install-recommends', programs[program].package);
}
for (const program of missing.filter((program) => !isThere(program)))
  console.log(
    `${program} is not installed, so ${programs[program].used} are left out: apt-get install ${programs[program].package}`,
  );

/** A failure is said, and ends nothing. */
function aptGet(...args) {
  const options = ['-q', '-o', 'DPkg::Lock::Timeout=120', '-o', 'Acquire::Retries=2'];
  const { status, error, stderr } = spawnSync('apt-get', [...options, ...args], {
    env,
    encoding: 'utf8',
    timeout: 300_000,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (status === 0) return;
  const reason = error?.message ?? stderr.trim().split('\n').slice(-3).join('\n');
  console.log(`apt-get ${args.join(' ')} failed:\n${reason}`);
}
