import { execFile } from 'node:child_process';
import path from 'node:path';

export const root = path.resolve(__dirname, '../../..');

export type Finished = Readonly<{ code: number; output: string }>;

/** npm puts its settings into the environment of the tests that it runs. A command must not inherit them. */
export const plainEnv = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_OPTIONS$|JEST_|FORCE_COLOR$)/i.test(name)),
  );

/** Runs a command to its end, whatever that is. */
export const finished = (command: string, args: string[], cwd: string, env: NodeJS.ProcessEnv = {}) =>
  new Promise<Finished>((resolve) => {
    const shell = process.platform === 'win32';
    const options = {
      cwd,
      env: { ...plainEnv(), NO_COLOR: '1', ...env },
      shell,
      maxBuffer: 64 * 1024 * 1024,
    };
    execFile(command, args, options, (error, stdout, stderr) => {
      resolve({
        code: error ? (typeof error.code === 'number' ? error.code : 1) : 0,
        output: stdout || stderr,
      });
    });
  });

/** What a command prints that has to succeed. */
export async function printed(
  command: string,
  args: string[],
  cwd: string,
  env?: NodeJS.ProcessEnv,
): Promise<string> {
  const { code, output } = await finished(command, args, cwd, env);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${output}`);
  return output;
}

/** A tool of this checkout, run by the Node that runs the tests. */
export const tool = (file: string, args: string[], cwd: string) =>
  finished(process.execPath, [path.join(root, 'node_modules', file), ...args], cwd);
