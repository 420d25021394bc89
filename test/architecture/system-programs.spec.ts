import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const onPosix = process.platform === 'win32' ? describe.skip : describe;

onPosix('programs that some tests use', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'redress-programs-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const program = (name: string, lines: string) => {
    writeFileSync(path.join(folder, name), `#!/bin/sh\n${lines}\n`);
    chmodSync(path.join(folder, name), 0o755);
  };
  /** Programs of this machine that are asked for by name are not found; that apt-get is not the real one. */
  const run = (root: boolean) => {
    const loaded = `process.getuid = () => ${root ? 0 : 1000};`;
    writeFileSync(path.join(folder, 'uid.cjs'), loaded);
    const script = path.resolve(__dirname, '../../scripts/system-programs.mjs');
    const args = ['--require', path.join(folder, 'uid.cjs'), script];
    const env = { PATH: folder, CI: 'true' };
    return spawnSync(process.execPath, args, { env, encoding: 'utf8' });
  };
  const missing = (name: string) => program(name, 'exit 127');

  beforeEach(() => ['pgbouncer', 'ssconvert', 'pg_dump'].forEach(missing));

  it('are installed as root, and nothing is said when that works', () => {
    program('apt-get', `for name in pgbouncer ssconvert pg_dump; do echo 'exit 0' > ${folder}/$name; done`);
    expect(run(true)).toMatchObject({ status: 0, stdout: '' });
  });

  it('are named, with the tests that are left out, when apt-get fails; and the run goes on', () => {
    program('apt-get', `echo 'E: Unable to fetch some archives' >&2; exit 100`);
    const { status, stdout } = run(true);
    expect(status).toBe(0);
    expect(stdout).toMatch(/apt-get update failed:\nE: Unable to fetch/);
    expect(stdout).toMatch(/apt-get install .*gnumeric failed:/);
    expect(stdout).toMatch(
      /^pg_dump is not installed, so the tests of backups are left out: apt-get install/m,
    );
  });

  it('are named when there is no apt-get', () => {
    expect(run(true)).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/apt-get update failed:\n.*ENOENT/),
    });
  });

  it('are not installed by a person who is not root', () => {
    program('apt-get', 'exit 0');
    const { status, stdout } = run(false);
    expect(status).toBe(0);
    expect(stdout.split('\n').filter((line) => line.includes('is not installed'))).toHaveLength(3);
    expect(stdout).not.toMatch(/apt-get (update|install .*) failed/);
  });
});
