import { moneyCorpus } from '@redress/domain/testing';
import { newId } from '../../apps/api/src/ids';
import { startTestApp, type Answer, type Json, type Person, type TestApp } from '../support/app';

/** Counterparts where floats and careless readers would come in: accepted exactly, or refused with the place named. */

let service: TestApp;
let ana: Person;
let open: Json;

beforeAll(async () => {
  service = await startTestApp();
  ana = service.person();
  open = await ana.raise({ amount: '0.30', currency: 'EUR', source: 'bank' });
}, 60_000);

afterAll(() => service.close());

const send = (counterparts: string, id: string = open.id, preview = false): Promise<Answer> =>
  ana.send('POST', `/v1/exceptions/${id}/force-match${preview ? '?preview=true' : ''}`, {
    raw: `{"overrideReason":"BY_CORPUS","notes":"By corpus.","acceptResidual":true,"counterparts":${counterparts}}`,
    headers: { 'content-type': 'application/json' },
  });

/** JSON text, so that it can be what JSON.stringify would not write. */
const counterpart = (members: Readonly<Record<string, string>> = {}): string => {
  const all = {
    source: '"ledger"',
    transactionId: `"${newId()}"`,
    amount: '1',
    currency: '"EUR"',
    ...members,
  };
  const written = Object.entries(all).filter(([, text]) => text !== '');
  return `{${written.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join()}}`;
};
const afterTwoGood = (bad: string): string => `[${counterpart()},${counterpart()},${bad}]`;

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

const forms = [
  ['text', (lexeme: string) => JSON.stringify(lexeme)],
  ['a JSON number', (lexeme: string) => lexeme],
] as const;
/** JSON itself passes over blanks around a number, and what is in quotes is the other form. */
const readsOtherwise = (lexeme: string): boolean => lexeme.trim() !== lexeme || lexeme.startsWith('"');

describe.each(forms)('amounts of counterparts sent as %s', (form, written) => {
  const cases = moneyCorpus.filter(({ lexeme }) => form === 'text' || !readsOtherwise(lexeme));
  const good = cases.filter((given) => 'reads' in given);
  const bad = cases.filter((given) => 'refused' in given);

  it('are recorded exactly as they were written', async () => {
    expect(good.length).toBeGreaterThan(100);
    for (let at = 0; at < good.length; at += 50) {
      const some = good.slice(at, at + 50);
      const { id } = await ana.raise({ amount: '0.00', currency: 'EUR' });
      const sent = some.map(({ lexeme, currency }) =>
        counterpart({ amount: written(lexeme), currency: JSON.stringify(currency) }),
      );
      expect((await send(`[${sent.join()}]`, id)).status).toBe(200);
      const { body } = await ana.get(`/v1/exceptions/${id}/forced-matches`);
      expect(body.items[0].counterparts).toEqual(
        some.map(({ currency, reads }) => expect.objectContaining({ amount: reads, currency })),
      );
    }
  }, 30_000);

  it('are refused with the place named', async () => {
    expect(bad.length).toBeGreaterThan(100);
    for (const { lexeme, currency, refused, field } of bad) {
      const amount = written(lexeme);
      const answer = await send(afterTwoGood(counterpart({ amount, currency: JSON.stringify(currency) })));
      const place = `counterparts[2].${field}`;
      const expected = !isJson(amount)
        ? { status: 400, body: { title: 'invalid_request' } }
        : refused === 'invalid_value'
          ? { status: 400, body: { details: { fields: { [place]: expect.any(String) } } } }
          : { status: 422, body: { title: refused, details: { field: place } } };
      expect({ lexeme, currency, ...answer }).toMatchObject(expected);
    }
  }, 30_000);
});

type Bad = Readonly<{ what: string; sent: string; fields: readonly string[] }>;
const bad = (what: string, members: Readonly<Record<string, string>>, ...fields: readonly string[]): Bad => ({
  what,
  sent: afterTwoGood(counterpart(members)),
  fields: fields.map((field) => `counterparts[2]${field}`),
});
const list = (what: string, sent: string): Bad => ({ what, sent, fields: ['counterparts'] });

const misshapen: readonly Bad[] = [
  // As if they were not given, so that there is nothing to leave a residual.
  { what: 'null', sent: 'null', fields: ['acceptResidual'] },
  list('text', '"all of them"'),
  list('a number', '1'),
  list('an object', counterpart()),
  list('none', '[]'),
  list('51', `[${Array.from({ length: 51 }, () => counterpart()).join()}]`),
  { what: 'null in the list', sent: afterTwoGood('null'), fields: ['counterparts[2]'] },
  { what: 'a number in the list', sent: afterTwoGood('1.50'), fields: ['counterparts[2]'] },
  { what: 'a list in the list', sent: afterTwoGood('[]'), fields: ['counterparts[2]'] },
  { what: 'an empty object', sent: afterTwoGood('{}'), fields: ['counterparts[2].source'] },
  bad('an unknown member', { rate: '1.1' }, ''),
  bad('an unknown member with blanks', { 'a b': '1' }, ''),
  bad('a member that every object inherits', { toString: '1' }, ''),
  bad('no source', { source: '' }, '.source'),
  bad('a blank source', { source: '" "' }, '.source'),
  bad('a source that is a number', { source: '7' }, '.source'),
  bad('a long source', { source: JSON.stringify('x'.repeat(256)) }, '.source'),
  bad('U+0000 in the source', { source: '"a\\u0000b"' }, '.source'),
  bad('no transaction', { transactionId: '' }, '.transactionId'),
  bad('a transaction that is no UUID', { transactionId: '"T-1"' }, '.transactionId'),
  bad('no amount', { amount: '' }, '.amount'),
  bad('null as the amount', { amount: 'null' }, '.amount'),
  bad('an amount that is true', { amount: 'true' }, '.amount'),
  bad('an amount that is an object', { amount: '{"lexeme":"1"}' }, '.amount'),
  bad('a decimal comma', { amount: '"1,5"' }, '.amount'),
  bad('NaN', { amount: '"NaN"' }, '.amount'),
  bad('no currency', { currency: '' }, '.currency'),
  bad('a currency in small letters', { currency: '"eur"' }, '.currency'),
  bad('a currency that is a number', { currency: '978' }, '.currency'),
];

describe('counterparts', () => {
  it.each(misshapen)('are not $what', async ({ sent, fields }) => {
    const { status, body } = await send(sent);
    expect([status, body.title, Object.keys(body.details.fields)]).toEqual([400, 'invalid_request', fields]);
  });

  it.each([
    ['0.5', 'JPY', 'amount_precision', 'amount'],
    ['0.0001', 'BHD', 'amount_precision', 'amount'],
    ['0.00001', 'CLF', 'amount_precision', 'amount'],
    ['1e400', 'EUR', 'amount_out_of_range', 'amount'],
    ['1e-400', 'EUR', 'amount_precision', 'amount'],
    ['0.30000000000000004', 'EUR', 'amount_precision', 'amount'],
    ['100000000000000000000', 'EUR', 'amount_out_of_range', 'amount'],
    ['1', 'XAU', 'unknown_currency', 'currency'],
    ['1', 'XXX', 'unknown_currency', 'currency'],
    ['1', 'DEM', 'unknown_currency', 'currency'],
    ['1', 'HRK', 'unknown_currency', 'currency'],
  ])('cannot have %s %s', async (amount, currency, title, field) => {
    const answer = await send(afterTwoGood(counterpart({ amount, currency: JSON.stringify(currency) })));
    const place = `counterparts[2].${field}`;
    expect(answer).toMatchObject({ status: 422, body: { title, details: { field: place } } });
  });

  it('are each another transaction, and none that of the exception', async () => {
    const transactionId = JSON.stringify(newId());
    const one = counterpart({ transactionId });
    const shouted = counterpart({ transactionId: transactionId.toUpperCase() });
    const own = { transactionId: JSON.stringify(open.transactionId.toUpperCase()), source: '"bank"' };
    for (const [sent, place] of [
      [`[${one},${counterpart()},${shouted}]`, 'counterparts[2].transactionId'],
      [`[${counterpart()},${counterpart(own)}]`, 'counterparts[1].transactionId'],
    ] as const) {
      const { status, body } = await send(sent);
      expect([status, Object.keys(body.details.fields)]).toEqual([400, [place]]);
    }
    const elsewhere = counterpart({ transactionId, source: '"cards"' });
    expect((await send(`[${one},${elsewhere}]`, open.id, true)).status).toBe(200);
  });

  it('of 0.1 and 0.2 leave nothing of 0.30', async () => {
    const sent = `[${counterpart({ amount: '0.1' })},${counterpart({ amount: '0.2' })},${counterpart({ amount: '-0' })}]`;
    expect(await send(sent, open.id, true)).toMatchObject({
      status: 200,
      body: { residuals: [{ amount: '0.00', currency: 'EUR', tolerance: '0.00' }] },
    });
  });

  it('may be fifty, of twenty digits each', async () => {
    const most = Array.from({ length: 50 }, () => counterpart({ amount: '99999999999999999999.99' }));
    expect(await send(`[${most.join()}]`, open.id, true)).toMatchObject({
      status: 200,
      body: { residuals: [{ amount: '-4999999999999999999999.20' }] },
    });
  });

  it('are needed for something to be left', async () => {
    const { status, body } = await ana.post(`/v1/exceptions/${open.id}/force-match`, {
      overrideReason: 'X',
      notes: 'X',
      acceptResidual: true,
    });
    expect([status, Object.keys(body.details.fields)]).toEqual([400, ['acceptResidual']]);
  });

  it('that were refused have left the exception as it was', async () => {
    const { body } = await ana.get(`/v1/exceptions/${open.id}`);
    expect(body).toMatchObject({ status: 'OPEN', version: 1 });
    expect((await ana.get(`/v1/exceptions/${open.id}/forced-matches`)).body.items).toEqual([]);
  });
});
