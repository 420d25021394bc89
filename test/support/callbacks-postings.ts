import { randomUUID } from 'node:crypto';
import { said, sealed, type Form, type Scene } from './callback-forms';
import { ledgerEvent, type Delivery, type Stage } from './inbound';

const harmless = { harmless: true } as const;

const ledgerCallback = (s: Scene, stage: Stage, data: object = {}, over: object = {}): Delivery =>
  sealed(s, JSON.stringify(ledgerEvent({ reference: s.reference, stage }, data, over)));

const ledger = (name: string, answer: string, bad: Form['bad'], more: Partial<Form> = {}): Form =>
  said(name, answer, bad, { targets: ['LEDGER'], ...more });

const of = (name: string, answer: string, data: object, over: object = {}, more: Partial<Form> = {}): Form =>
  ledger(name, answer, (s) => ledgerCallback(s, 'done', data, over), more);

/** After the ledger has said so once. */
const after = (
  before: Stage,
  name: string,
  answer: string,
  bad: (scene: Scene, first: Delivery) => Delivery,
): Form => {
  let first: Delivery | undefined;
  const once = async (s: Scene): Promise<void> => {
    first = ledgerCallback(s, before);
    await s.tell(first);
  };
  return ledger(name, answer, (s) => bad(s, first!), { before: once });
};

let ticket = '';
const handedOver = async ({ person }: Scene): Promise<void> => {
  const url = 'https://hooks.acme.example/redress';
  await person.send('PUT', '/v1/connections/WEBHOOK', { body: { url } });
  const { id } = await person.raise();
  await person.post(`/v1/exceptions/${id}/dispatch`, { targetSystem: 'WEBHOOK' });
  ticket = (await person.get(`/v1/exceptions/${id}/dispatches`)).body.items[0].id;
};

export const aboutPostings: readonly Form[] = [
  after('done', 'posted, the same again', 'duplicate', (_, first) => first),
  after('done', 'posted, the same signed anew', 'duplicate', (s, first) => sealed(s, first.body)),
  after('done', 'refused, under the id of the message before', 'duplicate', (s, first) =>
    sealed(s, ledgerCallback(s, 'returned').body, { id: first.headers['webhook-id']! }),
  ),
  after('done', 'posted, in other words', 'recorded', (s) => ledgerCallback(s, 'done', { note: 'as said' })),
  after('done', 'posted, without its name', 'recorded', (s) =>
    ledgerCallback(s, 'done', { reference: undefined }),
  ),
  after('done', 'posted under another name', 'refused', (s) =>
    ledgerCallback(s, 'done', { reference: 'JE-other' }),
  ),
  after('done', 'refused after it was posted', 'refused', (s) => ledgerCallback(s, 'returned')),
  after('returned', 'refused, the same again', 'duplicate', (_, first) => first),
  after('returned', 'refused for another reason', 'recorded', (s) =>
    ledgerCallback(s, 'returned', { reason: 'No.' }),
  ),
  after('returned', 'posted after it was refused', 'refused', (s) => ledgerCallback(s, 'done')),
  after('returned', 'posted without a name after it was refused', 'refused', (s) =>
    ledgerCallback(s, 'done', { reference: undefined }),
  ),
  ledger('a posting of another tenant', 'no_such_exception', (s) =>
    ledgerCallback(s, 'done', { id: s.them.reference }),
  ),
  ledger('a posting of another tenant, refused', 'no_such_exception', (s) =>
    ledgerCallback(s, 'returned', { id: s.them.reference }),
  ),
  ledger(
    'a ticket that is no posting',
    'no_such_exception',
    (s) => ledgerCallback(s, 'done', { id: ticket }),
    {
      before: handedOver,
    },
  ),
  ledger(
    'the exception in place of the posting',
    'no_such_exception',
    (s) => ledgerCallback(s, 'done', { id: s.exceptionId }),
    harmless,
  ),
  of('a posting nobody knows', 'no_such_exception', { id: randomUUID() }, {}, harmless),
  ...[undefined, null, '', 7, 'JE-1', '00000000-0000-0000-0000-000000000000'].map((id) =>
    of(`the posting ${JSON.stringify(id)}`, 'no_such_exception', { id }, {}, harmless),
  ),
  ledger('a list of postings', 'no_such_exception', (s) => ledgerCallback(s, 'done', { id: [s.reference] })),
  ledger(
    'a posting in braces',
    'no_such_exception',
    (s) => ledgerCallback(s, 'done', { id: `{${s.reference}}` }),
    harmless,
  ),
  ledger(
    'a posting by its name',
    'no_such_exception',
    (s) => ledgerCallback(s, 'done', { id: undefined, reference: s.reference }),
    harmless,
  ),
  ledger(
    'a posting beside the data',
    'no_such_exception',
    (s) => ledgerCallback(s, 'done', {}, { id: s.reference, data: {} }),
    harmless,
  ),
  ...[
    'Ledger.Posted',
    ' ledger.posted',
    'ledger.posted\u200b',
    'ｌｅｄｇｅｒ.posted',
    'LEDGER.REFUSED',
    'ledger.refuſed',
  ].map((type) => of(`the type ${JSON.stringify(type)}`, 'recorded', {}, { type })),
  ...['ledger.post', 'ledger.posted.v2', 'exception.callback', 'posted', '', '__proto__', null, 1].map(
    (type) => of(`the type ${JSON.stringify(type)}`, 'recorded', {}, { type }, harmless),
  ),
];
