// Runs a server and kills it at random instants, outside of whoever sends it work: a process that was busy killing
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

let child;
process.stdin.resume().on('end', () => {
  child?.kill('SIGKILL');
  process.exit();
});

/** Answers its address once it listens, nothing when it ended before. */
function start() {
  child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve) => {
    child.once('exit', () => resolve(undefined));
    createInterface(child.stdout).on('line', (line) => {
      const { msg, address } = JSON.parse(line);
      if (msg === 'listening' && address) resolve(address);
    });
  });
}

async function main() {
  for (let killed = 0; ; killed++) {
    const url = await start();
    if (!url) throw new Error('the server ended by itself');
    say({ url });
    if (killed === kills) break;
    const afterMs = liveMs[0] + random() * (liveMs[1] - liveMs[0]);
    await new Promise((resolve) => setTimeout(resolve, afterMs));
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
