import { moneyCorpus, type MoneyCase } from '@redress/domain/testing';
import { newId } from '../../apps/api/src/ids';
import { startTestApp, type Answer, type Person, type TestApp } from '../support/app';

/** The corpus again, where floats would come in: through JSON, as a number and as text, into the database and back. */

let service: TestApp;
let ana: Person;

beforeAll(async () => {
  service = await startTestApp();
  ana = service.person();
});
afterAll(() => service.close());

const forms = [
  ['text', (lexeme: string) => JSON.stringify(lexeme)],
  ['a JSON number', (lexeme: string) => lexeme],
] as const;

const posting = {
  effectiveAt: '2025-01-15T10:30:00.000Z',
  reasonCode: 'FEE_ADJUSTMENT',
  notes: 'By corpus.',
};

/** `amount` is JSON as it stands; what is no JSON makes the whole body none. */
const bodyWith = (amount: string, currency: string, rest: object): string =>
  `{"amount":${amount},"currency":${JSON.stringify(currency)},${JSON.stringify(rest).slice(1)}`;

const send = (path: string, raw: string): Promise<Answer> =>
  ana.send('POST', path, { raw, headers: { 'content-type': 'application/json' } });

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

function expectRefusal(answer: Answer, amount: string, { refused, field }: Refused): void {
  if (!isJson(amount)) {
    expect(answer).toMatchObject({ status: 400, body: { title: 'invalid_request' } });
  } else if (refused === 'invalid_value') {
    expect(answer).toMatchObject({
      status: 400,
      body: { title: 'invalid_request', details: { fields: { [field]: expect.any(String) } } },
    });
  } else {
    expect(answer).toMatchObject({ status: 422, body: { title: refused, details: { field } } });
  }
}

type Refused = Extract<MoneyCase, { refused: string }>;
/** JSON itself passes over blanks around a number, and what is in quotes is the other form. */
const readsOtherwise = (lexeme: string): boolean => lexeme.trim() !== lexeme || lexeme.startsWith('"');

const outcome = (given: MoneyCase, form: string): string => {
  const what = 'reads' in given ? given.reads : `${given.refused} of ${given.field}`;
  return `${JSON.stringify(given.lexeme)} ${JSON.stringify(given.currency)} as ${form}: ${what}`;
};

describe.each(forms)('an amount sent as %s', (form, written) => {
  const cases = moneyCorpus.filter(({ lexeme }) => form === 'text' || !readsOtherwise(lexeme));

  it('is raised exactly as it was written, or refused with the field named', async () => {
    for (const given of cases) {
      const amount = written(given.lexeme);
      const report = {
        transactionId: newId(),
        reason: outcome(given, form)
          .replace(/[\0\n]/g, ' ')
          .slice(0, 255),
      };
      const answer = await send('/v1/exceptions', bodyWith(amount, given.currency, report));
      if ('refused' in given) expectRefusal(answer, amount, given);
      else {
        const { reads, currency } = given;
        expect(answer).toMatchObject({ status: 201, body: { amount: reads, currency } });
        const { body } = await ana.get(`/v1/exceptions/${answer.body.id}`);
        expect(body).toMatchObject({ amount: reads, currency });
      }
    }
  });

  it('is posted exactly as it was written, or refused with the field named', async () => {
    const open = await ana.raise();
    for (const given of cases) {
      const amount = written(given.lexeme);
      const raw = bodyWith(amount, given.currency, posting);
      if ('refused' in given) {
        expectRefusal(await send(`/v1/exceptions/${open.id}/adjust-entry`, raw), amount, given);
        continue;
      }
      const { reads, currency } = given;
      if (!/^[0-9.]*[1-9]/.test(reads)) {
        expect(await send(`/v1/exceptions/${open.id}/adjust-entry`, raw)).toMatchObject({
          status: 422,
          body: { title: 'amount_not_positive', details: { field: 'amount' } },
        });
        continue;
      }
      const { id } = await ana.raise();
      expect(await send(`/v1/exceptions/${id}/adjust-entry`, raw)).toMatchObject({ status: 200 });
      const { body } = await ana.get(`/v1/exceptions/${id}/adjustments`);
      expect(body.items).toMatchObject([{ amount: reads, currency }]);
      const history = await ana.get(`/v1/exceptions/${id}/history`);
      expect(history.body.items[1].data.adjustment.amount).toEqual({ amount: reads, currency });
    }
    expect((await ana.get(`/v1/exceptions/${open.id}`)).body).toMatchObject({ status: 'OPEN' });
  });
});
