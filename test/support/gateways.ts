import type { Json, Person } from './app';
import { LedgerProcess } from './ledger';

/** What the books say of an exception, wherever they are kept. */
export type Booked = Readonly<{
  id: string;
  type: 'adjustment' | 'reversal' | 'forced_match';
  amount?: string;
  currency?: string;
  direction?: string;
  effectiveAt?: string;
  reasonCode?: string;
  notes: string;
  counterparts?: readonly unknown[];
  reverses?: string;
}>;

/** A way for resolutions to reach the books, and those books. */
export type Gateway = Readonly<{
  env: NodeJS.ProcessEnv;
  /** Has the books of the person's tenant kept there. */
  use: (person: Person) => Promise<void>;
  booked: (person: Person, exceptionId: string) => Promise<readonly Booked[]>;
  stop: () => Promise<void>;
}>;

const posted = ({ amount, currency, direction, effectiveAt, reasonCode }: Json) => ({
  ...{ amount, currency, direction, effectiveAt, reasonCode },
});

/** What both kinds of books know. */
const entry = ({ id, type, notes, counterparts, reverses, ...money }: Json): Booked => ({
  ...{ id, type, notes },
  ...(money.amount !== undefined && posted(money)),
  ...(counterparts !== undefined && { counterparts }),
  ...(reverses !== undefined && { reverses }),
});

/** The books are kept here: in rows that come with the status. */
export const journal = async (): Promise<Gateway> => ({
  env: {},
  use: async () => undefined,
  booked: async (person, exceptionId) => {
    const path = `/v1/exceptions/${exceptionId}`;
    const { items } = (await person.get(`${path}/adjustments`)).body;
    const matches = (await person.get(`${path}/forced-matches`)).body.items;
    return [
      ...items.map((row: Json) => entry({ ...row, type: row.reverses ? 'reversal' : 'adjustment' })),
      ...matches.map((row: Json) => entry({ ...row, type: 'forced_match' })),
    ];
  },
  stop: async () => undefined,
});

/** They are kept in a ledger elsewhere: the one of examples/ledger, in a process of its own. */
export async function http(): Promise<Gateway> {
  const ledger = await LedgerProcess.start();
  return {
    env: { EGRESS_ALLOW: ledger.origin },
    use: async (person) => {
      const put = await person.send('PUT', '/v1/connections/LEDGER', { body: ledger.connection() });
      if (put.status >= 300) throw new Error(put.text);
    },
    booked: async (_person, exceptionId) => {
      const books = await ledger.books();
      return books
        .filter((row) => row.exceptionId === exceptionId)
        .map(({ amount, type, ...row }) => entry({ ...row, ...amount, type: type.replace('ledger.', '') }));
    },
    stop: () => ledger.stop(),
  };
}
