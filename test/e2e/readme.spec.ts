import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { startTestApp, type Person, type TestApp } from '../support/app';
import { ownerOf } from '../support/owner';

/*
 * The lines of the README work as they are written: each request of them gets an answer of success. Skipped where there is
 * no POSIX shell.
 */

const root = path.resolve(__dirname, '../..');
const readme = readFileSync(path.join(root, 'README.md'), 'utf8');

/** The shell lines of the README that begin with this one. */
function block(first: string): string {
  const found = readme.split('```sh\n').find((text) => text.startsWith(first));
  if (!found) throw new Error(`The README has no shell lines that begin with: ${first}`);
  return found.slice(0, found.indexOf('```'));
}

/** Fails at the first request that is answered with an error, and prints the answer. */
const strict =
  'set -euo pipefail\ncurl() { command curl --silent --show-error --fail-with-body "$@"; echo >&2; }\n';

type Printed = Readonly<{ code: number; stdout: string; stderr: string }>;

const run = (script: string, env: Readonly<Record<string, string>>): Promise<Printed> =>
  new Promise((resolve) => {
    const options = { cwd: root, env: { PATH: process.env['PATH'], ...env }, timeout: 60_000 };
    execFile('bash', ['-c', strict + script], options, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr });
    });
  });

const onPosix = process.platform === 'win32' ? describe.skip : describe;

onPosix('the lines of the README', () => {
  let service: TestApp;
  let person: Person;
  let env: { URL: string; TOKEN: string; ID?: string };
  const shell = async (script: string): Promise<string> => {
    const { code, stdout, stderr } = await run(script, env);
    expect({ code, output: code === 0 ? '' : stdout + stderr }).toEqual({ code: 0, output: '' });
    return stdout;
  };

  beforeAll(async () => {
    service = await startTestApp();
    person = service.person({ tenant: 'demo', actor: 'demo' });
    await service.client(person);
    env = { URL: await service.app.getUrl(), TOKEN: person.token };
  }, 60_000);
  afterAll(() => service.close());

  it('raise an exception, resolve it and show its history, which the check of the chain accepts', async () => {
    const steps = block('export URL=').replace(/^export URL=.*$/m, '');
    const check = block('curl -s "$URL/v1/exceptions/$ID/history?limit=200"');
    const printed = await shell(`${steps}\necho CHAIN\n${check}`);
    const [answers = '', chain = ''] = printed.split('CHAIN\n');
    expect(answers).toContain('"status":"RESOLVED"');
    expect(chain.trim().split('\n')).toEqual([
      '1 exception.raised holds',
      '2 exception.assigned holds',
      '3 exception.force_matched holds',
      '3 of 3 lines: complete',
    ]);
  }, 90_000);

  it.each([
    [
      'a line is changed',
      `UPDATE history SET payload = replace(payload, 'ana', 'bob') WHERE exception_id = $1 AND seq = 2`,
      'IS BROKEN',
    ],
    [
      'the last line is gone',
      `DELETE FROM history WHERE exception_id = $1 AND seq = 3`,
      '2 of 3 lines: INCOMPLETE',
    ],
    [
      'all lines are those of another exception',
      `UPDATE history SET exception_id = $1 WHERE exception_id = $2`,
      'IS BROKEN',
    ],
  ])(
    'notice when %s',
    async (_, tamper, noticed) => {
      const owner = ownerOf(service.database.url);
      const [id, other] = await Promise.all([historyOfThree(), historyOfThree()]);
      await owner.rows('ALTER TABLE history DISABLE TRIGGER ALL');
      if (tamper.includes('$2')) await owner.rows('DELETE FROM history WHERE exception_id = $1', [id]);
      await owner.rows(tamper, tamper.includes('$2') ? [id, other] : [id]);
      await owner.rows('ALTER TABLE history ENABLE TRIGGER ALL');
      await owner.end();
      env = { ...env, ID: id };
      expect(await shell(block('curl -s "$URL/v1/exceptions/$ID/history?limit=200"'))).toContain(noticed);
    },
    30_000,
  );

  /** An exception whose history has three lines; answers its id. */
  async function historyOfThree(): Promise<string> {
    const { id } = await person.raise();
    for (const assignee of ['ana', 'bo']) await person.post(`/v1/exceptions/${id}/assign`, { assignee });
    return id;
  }

  it('import the example feeds', async () => {
    const printed = await shell(block('node examples/breaks/generate.mjs'));
    expect(printed).toContain('"received":5200');
    expect(printed).toContain('"received":1200');
  }, 90_000);

  it('would fail here if a request of them were refused', async () => {
    const { code, stdout } = await run(
      'curl "$URL/v1/exceptions?status=CLOSED" -H "Authorization: Bearer $TOKEN"',
      env,
    );
    expect(code).not.toBe(0);
    expect(stdout).toContain('invalid_request');
  });
});
