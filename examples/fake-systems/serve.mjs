import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { Faults } from './faults.mjs';

const json = (status, body, headers = {}) => ({ status, body, headers });

/**
 * Puts a fake system on a socket of this machine, with addresses under `/__` by which tests, or a curious person, see
 * what it has and make it misbehave. Started with a channel to its parent it tells its address there, and ends with it.
 */
export async function serve(fake, defaultPort) {
  const faults = new Faults();
  const requests = [];
  let webhook;

  const controls = {
    'GET /__tickets': () => json(200, fake.tickets()),
    'GET /__requests': () => json(200, requests),
    'POST /__faults': ({ body }) => {
      const problem = faults.set(body ?? {});
      return problem ? json(400, { problem }) : json(204);
    },
    'POST /__webhook': ({ body }) => {
      webhook = body?.url ? body : undefined;
      return json(204);
    },
    'POST /__reset': () => {
      fake.reset();
      faults.set({});
      requests.length = 0;
      webhook = undefined;
      return json(204);
    },
    'POST /__transition': async ({ body }) => {
      const event = fake.transition(body ?? {}, address(), webhook?.secret);
      if (!event) return json(404, { problem: 'There is no such ticket, or no such status.' });
      if (!webhook) return json(200, {});
      const { status } = await fetch(webhook.url, { method: 'POST', ...event });
      return json(200, { ...event, status });
    },
  };

  const server = createServer(async (incoming, outgoing) => {
    const request = await read(incoming);
    const control = controls[`${request.method} ${request.path}`];
    if (control) return send(outgoing, await control(request));
    if (faults.settings.dead) return incoming.socket.destroy();
    const { method, url } = request;
    requests.push({ method, url, at: Date.now() });
    const answer = await misbehave(request);
    if (answer) send(outgoing, answer);
    else incoming.socket.destroy();
  });

  /** The answer, if one comes. */
  async function misbehave(request) {
    const isWrite = fake.isWrite(request);
    const fate = faults.fate({ ...request, isWrite });
    if (fate.comeAfter !== undefined) return fake.comeLater(fate.comeAfter);
    if (fate.lostOnTheWayIn) return undefined;
    if (fate.errorBeforeEffect) return json(503, { message: 'upstream connect error' });
    if (fate.lateMs) await pause(fate.lateMs);
    const answer = fake.answer({ ...request, address: address() }, faults.settings);
    if (fate.delayMs) await pause(fate.delayMs);
    if (fate.lostAnswer) return undefined;
    return fate.errorAfterEffect ? json(502, '<html><h1>502 Bad Gateway</h1></html>') : answer;
  }

  const address = () => `http://127.0.0.1:${server.address().port}`;
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(Number(process.env.PORT ?? defaultPort), '127.0.0.1', resolve);
  });
  if (process.send) {
    process.on('disconnect', () => process.exit());
    process.send({ url: address() });
  } else {
    console.log(fake.welcome(address()));
  }
}

async function read(incoming) {
  const chunks = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  const { method, url, headers } = incoming;
  const { pathname, searchParams } = new URL(url, 'http://fake');
  return { method, url, path: pathname, query: searchParams, headers, text, body: parsed(text) };
}

/** Undefined for what is no JSON, an empty body among it. */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function send(outgoing, { status, body, headers }) {
  const isText = typeof body === 'string';
  outgoing.writeHead(status, { 'content-type': isText ? 'text/html' : 'application/json', ...headers });
  outgoing.end(body === undefined ? undefined : isText ? body : JSON.stringify(body));
}
