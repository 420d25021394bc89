// A service whose effects and idempotency keys are stored one after the other, in two transactions: what the tests of
// crashes have to find fault with. NAIVE_ORDER says which of the two comes first.
const http = require('node:http');
const { Pool } = require('pg');

const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
pool.on('error', () => {});

const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);
const effect = (key) => pool.query('INSERT INTO naive_effect (key) VALUES ($1)', [key]);
const remember = (key) => pool.query('INSERT INTO naive_key (key) VALUES ($1) ON CONFLICT DO NOTHING', [key]);
const steps = process.env.NAIVE_ORDER === 'key first' ? [remember, effect] : [effect, remember];

const server = http.createServer(async (request, response) => {
  request.resume();
  const key = request.headers['x-idempotency-key'];
  try {
    const { rowCount } = await pool.query('SELECT 1 FROM naive_key WHERE key = $1', [key]);
    if (!rowCount) for (const step of steps) await step(key);
    response.writeHead(200, { 'x-idempotency-replayed': String(rowCount > 0) }).end();
    say({ msg: 'request' });
  } catch {
    response.writeHead(503).end();
  }
});

server.listen(0, '127.0.0.1', () => {
  const address = `http://127.0.0.1:${server.address().port}`;
  say({ msg: 'listening', address });
});
