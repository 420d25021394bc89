// A ledger small enough to be read: it books what Redress asks for, each id once, and says what became of it.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';

const { PORT: port = '0', LEDGER_FILE: file, CLOSED_UNTIL: closedUntil } = process.env;
const { LEDGER_SECRET: secret = `whsec_${randomBytes(32).toString('base64')}` } = process.env;
// Where answers go when it takes its time, and what they are signed with.
const { ANSWER_URL: answerUrl, ANSWER_SECRET: answerSecret, ANSWER_AFTER_MS: afterMs = '1000' } = process.env;

/** What was decided, by id. */
const book = new Map();
if (file && existsSync(file)) {
  for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
    const entry = JSON.parse(line);
    book.set(entry.id, entry);
  }
}

const types = ['ledger.adjustment', 'ledger.reversal', 'ledger.forced_match'];
const currencies = new Set(Intl.supportedValuesOf('currency'));

/** Why something is not booked. */
function objection({ type, data: { amount, effectiveAt } }) {
  if (!types.includes(type)) return `Nobody here knows what ${type} is.`;
  if (amount && !currencies.has(amount.currency)) return `There are no accounts in ${amount.currency}.`;
  if (closedUntil && effectiveAt && Date.parse(effectiveAt) < Date.parse(closedUntil))
    return `The books are closed until ${closedUntil}.`;
}

/** Decided once, and written to the disk before it is answered: every later request gets the same answer. */
function decide({ type, data }) {
  const reason = objection({ type, data });
  const entry = { ...data, type, ...(reason ? { refused: reason } : { reference: `JE-${book.size + 1}` }) };
  if (file) appendFileSync(file, `${JSON.stringify(entry)}\n`, { flush: true });
  book.set(data.id, entry);
  return entry;
}

const signature = (key, id, at, body) =>
  `v1,${createHmac('sha256', Buffer.from(key.slice('whsec_'.length), 'base64'))
    .update(`${id}.${at}.${body}`)
    .digest('base64')}`;

function isFromRedress({ 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': given = '' }, body) {
  if (!(Math.abs(Date.now() / 1000 - Number(at)) <= 300)) return false;
  const expected = Buffer.from(signature(secret, id, at, body));
  const isRight = (one) => one.length === expected.length && timingSafeEqual(one, expected);
  return given.split(' ').some((one) => isRight(Buffer.from(one)));
}

const undecided = new Set();

/** The answer to one request: what became of its posting, or 202 while it is undecided. */
function answerTo({ method, headers }, body) {
  if (method === 'GET') return [200, [...book.values()]];
  if (!isFromRedress(headers, body))
    return [401, { reason: 'This is not signed with our secret, or not in time.' }];
  const posting = JSON.parse(body);
  if (posting.type === 'ledger.test') return [200, {}];
  const { id } = posting.data;
  if (!book.has(id) && answerUrl) {
    if (!undecided.has(id)) void decideLater(posting);
    return [202, {}];
  }
  const { reference, refused } = book.get(id) ?? decide(posting);
  return refused ? [422, { reason: refused }] : [200, { reference }];
}

async function decideLater(posting) {
  const { id } = posting.data;
  undecided.add(id);
  await pause(Number(afterMs));
  const { reference, refused } = decide(posting);
  undecided.delete(id);
  const type = refused ? 'ledger.refused' : 'ledger.posted';
  const body = JSON.stringify({ type, timestamp: new Date(), data: { id, reference, reason: refused } });
  const [name, at] = [`answer-${id}`, String(Math.floor(Date.now() / 1000))];
  const signed = { 'webhook-id': name, 'webhook-timestamp': at };
  signed['webhook-signature'] = signature(answerSecret, name, at, body);
  const headers = { 'content-type': 'application/json', ...signed };
  // If it does not arrive, Redress asks again by itself, and is answered from the book.
  await fetch(answerUrl, { method: 'POST', headers, body }).catch(console.error);
}

const server = createServer(async (request, response) => {
  const body = await text(request).catch(() => '');
  const [status, answer] = answerTo(request, body);
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
});
server.listen(Number(port), '127.0.0.1', () => {
  const url = `http://127.0.0.1:${server.address().port}`;
  console.log(`A ledger listens on ${url} and shows its book on GET ${url}/entries.`);
  if (!process.env.LEDGER_SECRET) console.log(`Requests are to be signed with ${secret}`);
});
process.on('disconnect', () => process.exit());
