// Runs a server and kills it at random instants, outside of the client's process: a process that was busy killing
// would not have requests in flight at the worst moment. Says what it does, a JSON line each, and ends with its input.
const { spawn } = require('node:child_process');
const { createInterface } = require('node:readline');

const { program, env, kills, liveMs, seed } = JSON.parse(process.argv[2]);
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);

let state = seed >>> 0;
function random() {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
}

const longestIdleMs = 10_000;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

let child;
process.stdin.resume().on('end', () => {
  child?.kill('SIGKILL');
  process.exit();
});

/** `listening` gives its address, nothing when it ended before; `served` comes with its first answer. */
function start() {
  child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout);
  const ended = new Promise((resolve) => child.once('exit', () => resolve(undefined)));
  const line = (wanted) =>
    new Promise((resolve) => {
      lines.on('line', (text) => {
        const { msg, address } = JSON.parse(text);
        if (msg === wanted) resolve(address);
      });
    });
  return { listening: Promise.race([line('listening'), ended]), served: line('request') };
}

async function main() {
  for (let killed = 0; ; killed++) {
    const { listening, served } = start();
    const url = await listening;
    if (!url) throw new Error('the server ended by itself');
    say({ url });
    if (killed === kills) break;
    // Most are killed at work; every fourth perhaps before it did any.
    if (killed % 4) await Promise.race([served, pause(longestIdleMs)]);
    const afterMs = random() * liveMs;
    await pause(afterMs);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    say({ killed: killed + 1, afterMs });
  }
  say({ done: true });
}

main().catch((error) => {
  say({ failed: String(error) });
  process.exit(1);
});
