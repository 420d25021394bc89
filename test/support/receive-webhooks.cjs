// A receiver of webhooks in a process of its own, which is strict about what the specification asks of senders. What it
// took in is written to a file before it answers, so that it outlives the process. Its parent tells it by messages how
// to behave towards the next requests.
const { appendFileSync, existsSync, readFileSync } = require('node:fs');
const { createServer } = require('node:http');
const { Webhook } = require('standardwebhooks');

const [file, port, ...secrets] = process.argv.slice(2);
const taken = new Map();
if (existsSync(file)) {
  for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
    const delivery = JSON.parse(line);
    if (delivery.isNew) taken.set(delivery.id, delivery.reference);
  }
}

const plans = [];
process.on('message', (plan) => {
  plans.push(...plan);
  process.send('planned');
});
process.on('disconnect', () => process.exit());

const server = createServer(async (request, response) => {
  const chunks = [];
  try {
    for await (const chunk of request) chunks.push(chunk);
  } catch {
    return; // the sender gave up
  }
  const {
    status,
    headers,
    body,
    delayMs = 0,
    unseen = false,
    cut = false,
    die = false,
  } = plans.shift() ?? {};
  const text = Buffer.concat(chunks).toString('utf8');
  const fault = faultOf(request, text);
  const reference = fault || unseen ? undefined : take(request.headers, JSON.parse(text));
  if (die) process.exit(1);
  if (cut) return request.socket.resetAndDestroy();
  setTimeout(() => {
    response.writeHead(fault?.status ?? status ?? 200, { 'content-type': 'application/json', ...headers });
    response.end(body ?? JSON.stringify(fault ? { problem: fault.problem } : { reference }));
  }, delayMs);
});

function faultOf(request, text) {
  if (request.method !== 'POST') return { status: 405, problem: 'not a POST' };
  if (request.headers['content-type'] !== 'application/json') return { status: 415, problem: 'not JSON' };
  const isSigned = secrets.some((secret) => {
    try {
      new Webhook(secret).verify(text, request.headers);
      return true;
    } catch {
      return false;
    }
  });
  if (!isSigned) return { status: 401, problem: 'not signed' };
  if (Buffer.byteLength(text) > 20_000) return { status: 413, problem: 'too long' };
  const { type, timestamp, data, ...more } = JSON.parse(text);
  const isWhole =
    /^[a-zA-Z0-9_]+(\.[a-zA-Z0-9_]+)*$/.test(type) &&
    /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(timestamp) &&
    typeof data === 'object' &&
    Object.keys(more).length === 0;
  return isWhole ? undefined : { status: 422, problem: 'not a payload of Standard Webhooks' };
}

/** Takes each id once, however often it comes, and tells the same reference each time. */
function take(headers, payload) {
  const id = headers['webhook-id'];
  const isNew = !taken.has(id);
  if (isNew) taken.set(id, `CASE-${taken.size + 1}`);
  const reference = taken.get(id);
  appendFileSync(file, `${JSON.stringify({ id, isNew, reference, headers, payload })}\n`);
  return reference;
}

server.listen(Number(port), '127.0.0.1', () => process.send({ port: server.address().port }));
