import { spawn } from 'node:child_process';
import { compiledService, noDns, serviceEnvironment } from './service-process';

/** Far more than any of our own deadlines, for a busy machine. */
export const deadlineMs = 60_000;

export type Ended = Readonly<{ code: number | null; stderr: string }>;

/** Starts the real main program, which is expected to end by itself. */
export function startInVain(env: NodeJS.ProcessEnv): Promise<Ended> {
  const child = spawn(process.execPath, ['--require', noDns, compiledService()], {
    env: { ...serviceEnvironment('postgres://127.0.0.1/redress'), ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const tooLate = setTimeout(() => child.kill('SIGKILL'), deadlineMs);
  return new Promise((resolve) =>
    child.once('close', (code) => {
      clearTimeout(tooLate);
      resolve({ code, stderr });
    }),
  );
}
