import type {
  AcceptedReasons,
  ApprovalRule,
  Dispatch,
  ExceptionCommand,
  HistoryEvent,
} from '@redress/domain';
import fc from 'fast-check';
import { BooksWorld, type Asking } from './books-world';
import type { Failpoint } from './crash/life';
import { behaviours, type Behaviour } from './fake-ledger';
import type { Faults } from './crashing-desks';

const transactions = ['1', '2'].map((n) => `019b7c00-0000-7000-8000-00000000000${n}`);

/** What a person may want of an exception; of which one, and of which adjustment, is told by number. */
const commands = {
  resolve: { type: 'resolve', resolution: 'Found.' },
  force_match: { type: 'force_match', overrideReason: 'BUSINESS_DECISION', notes: 'Seen.' },
  approve: { type: 'confirm', of: 'proposal' },
  reject: { type: 'return', of: 'proposal', reason: 'Not so.' },
  withdraw: { type: 'recall', of: 'proposal' },
  recall: { type: 'recall' },
  assign: { type: 'assign', assignee: 'ben' },
  dispatch: { type: 'dispatch', target: 'MANUAL' },
} as const satisfies Record<string, ExceptionCommand>;

/** What a force match may name; only where nothing is left over, or that is accepted, it may. */
const counterparts = ['100.00', '99.99', '-7'].map((amount, n) => [
  { source: 'ledger', transactionId: `019b7c00-0000-7000-8000-00000000010${n}`, amount, currency: 'EUR' },
]);

const adjustments = [
  ['0.01', 'EUR'],
  ['150.50', 'EUR'],
  ['7', 'JPY'],
  ['1.234', 'BHD'],
  ['0', 'EUR'],
] as const;

type Wanted =
  | Readonly<{ want: keyof typeof commands }>
  | Readonly<{ want: 'raise'; which: number }>
  | Readonly<{ want: 'adjust'; which: number; credit: boolean }>
  | Readonly<{ want: 'match'; which: number; acceptResidual: boolean }>
  | Readonly<{ want: 'tell'; status: 'OPEN' | 'ASSIGNED' | 'RESOLVED' }>
  | Readonly<{ want: 'reverse'; which: number }>
  | Readonly<{ want: 'redrive'; which: number }>
  | Readonly<{ want: 'answer for'; which: number }>;

type Step = Readonly<{ end: Failpoint | undefined }> &
  (
    | Readonly<{ do: 'ask'; actor: string; of: number; wanted: Wanted }>
    | Readonly<{ do: 'ask again' | 'hear'; which: number }>
    | Readonly<{ do: 'wait'; minutes: number }>
    | Readonly<{ do: 'approve under'; rules: readonly ApprovalRule[] }>
    | Readonly<{ do: 'take reasons'; reasons: AcceptedReasons }>
    | Readonly<{ do: 'keep books elsewhere'; elsewhere: boolean }>
  );

const small = fc.nat(9);
const record = <T extends object>(fields: { [F in keyof T]: fc.Arbitrary<T[F]> }) =>
  fc.record(fields, { noNullPrototype: true });
const just = <const T>(value: T) => fc.constant(value);

const wanted: fc.Arbitrary<Wanted> = fc.oneof(
  { weight: 4, arbitrary: record({ want: just('adjust'), which: small, credit: fc.boolean() }) },
  { weight: 2, arbitrary: record({ want: just('match'), which: small, acceptResidual: fc.boolean() }) },
  { weight: 6, arbitrary: record({ want: just('approve') }) },
  {
    weight: 1,
    arbitrary: record({ want: just('tell'), status: fc.constantFrom('OPEN', 'ASSIGNED', 'RESOLVED') }),
  },
  { weight: 3, arbitrary: record({ want: just('raise'), which: small }) },
  {
    weight: 4,
    arbitrary: record({ want: fc.constantFrom('reverse', 'reverse', 'redrive', 'answer for'), which: small }),
  },
  {
    weight: 6,
    arbitrary: record({ want: fc.constantFrom(...(Object.keys(commands) as (keyof typeof commands)[])) }),
  },
);

const end: fc.Arbitrary<Failpoint | undefined> = fc.oneof(
  { weight: 3, arbitrary: just(undefined) },
  {
    weight: 1,
    arbitrary: record({
      step: fc.integer({ min: 1, max: 8 }),
      when: fc.constantFrom('before', 'after'),
      how: just('killed'),
    }),
  },
);

const rules: fc.Arbitrary<readonly ApprovalRule[]> = fc.array(
  fc
    .tuple(
      fc.constantFrom(
        'adjust_entry' as const,
        'adjust_entry' as const,
        'force_match' as const,
        'resolve' as const,
      ),
      fc.constantFrom(1, 1, 2),
      fc.constantFrom(
        {},
        {},
        { currency: 'EUR' },
        { currency: 'EUR', minimumAmount: '100.00' },
        { currency: 'JPY' },
      ),
    )
    .map(([command, approvers, restricted]) => ({ command, approvers, ...restricted })),
  { maxLength: 2 },
);

/** What was proposed, or sent, before a reason was struck off is not stopped by that. */
const lists = fc.constantFrom<AcceptedReasons[]>({}, {}, { adjust_entry: [] }, { force_match: [] });

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: record({
      do: just('ask'),
      actor: fc.constantFrom('ana', 'ben', 'cyd'),
      of: small,
      wanted,
      end,
    }),
  },
  {
    weight: 5,
    arbitrary: record({ do: fc.constantFrom('ask again', 'hear', 'hear'), which: fc.nat(99), end }),
  },
  {
    weight: 4,
    arbitrary: record({ do: just('wait'), minutes: fc.constantFrom(1, 1, 5, 60, 3000, 6000), end }),
  },
  { weight: 1, arbitrary: record({ do: just('approve under'), rules, end: just(undefined) }) },
  { weight: 1, arbitrary: record({ do: just('take reasons'), reasons: lists, end: just(undefined) }) },
  {
    weight: 1,
    arbitrary: record({ do: just('keep books elsewhere'), elsewhere: fc.boolean(), end: just(undefined) }),
  },
);

/** What comes late is what can come in between. */
const behaviour = fc.constantFrom(...behaviours, 'accepts it and books it', 'accepts it and refuses it');

/** What there is to begin with, what the ledger does when it is asked, and what people do one after the other. */
export const games = (length: number) =>
  record<Game>({
    rules,
    elsewhere: fc.boolean(),
    weather: fc.noBias(fc.array(behaviour, { maxLength: 30, size: 'max' })),
    steps: fc.noBias(fc.array(step, { minLength: 1, maxLength: length, size: 'max' })),
  });

type Game = Readonly<{
  rules: readonly ApprovalRule[];
  elsewhere: boolean;
  weather: readonly Behaviour[];
  steps: readonly Step[];
}>;

/**
 * Plays it to its end, when every request has its answer and all that was waited for has come or has been given back.
 * Answers what is wrong, and what happened on the way.
 */
export async function play({ rules, elsewhere, weather, steps }: Game, faults: Faults = {}): Promise<Played> {
  const world = new BooksWorld(faults, weather);
  for (const which of transactions.keys()) await world.ask('matcher', raised(which));
  world.approveUnder(rules);
  world.keepBooksElsewhere(elsewhere);
  for (const step of steps) {
    await take(world, step);
    if (world.flaws.length) return { flaws: world.flaws, happened: [] };
  }
  await world.settle();
  const { history } = await world.books();
  return { flaws: world.flaws, happened: [...world.deaths, ...history.map(nameOf)] };
}

/** What tells one happening from another: what it is called, and in whose name it came to be, where that is no person. */
const nameOf = ({ type, actor, data }: HistoryEvent): string =>
  [type, ...(data?.['match'] ? ['naming others'] : []), ...(actor.includes(':') ? [`by ${actor}`] : [])].join(
    ' ',
  );

type Played = Readonly<{ flaws: readonly string[]; happened: readonly string[] }>;

async function take(world: BooksWorld, step: Step): Promise<void> {
  switch (step.do) {
    case 'ask': {
      const asking = await wantedOf(world, step.wanted, step.of);
      if (asking) await world.ask(step.actor, asking, step.end);
      break;
    }
    case 'ask again':
      await world.askAgain(step.which, step.end);
      break;
    case 'hear':
      await world.hear(step.which, step.end);
      break;
    case 'take reasons':
      world.takeReasons(step.reasons);
      break;
    case 'keep books elsewhere':
      world.keepBooksElsewhere(step.elsewhere);
      break;
    case 'wait':
      await world.wait(step.minutes * 60_000, step.end);
      break;
    case 'approve under':
      world.approveUnder(step.rules);
      break;
  }
}

const raised =
  (which: number): Asking =>
  ({ exceptions }, { expectedVersion: _none, ...meta }) =>
    exceptions.raise(
      {
        transactionId: transactions[which % transactions.length]!,
        reason: 'Off',
        ...(which % 3 > 0 && { amount: '100', currency: 'EUR' }),
        ...(which % 4 > 0 && { source: which % 4 > 1 ? 'bank' : 'ledger' }),
      },
      meta,
    );

async function wantedOf(world: BooksWorld, wanted: Wanted, of: number): Promise<Asking | undefined> {
  if (wanted.want === 'raise') return raised(wanted.which);
  const books = await world.books();
  if (wanted.want === 'reverse') {
    const row = books.adjustments[wanted.which % books.adjustments.length];
    return row && (({ adjustments }, meta) => adjustments.reverse(row.id, { reason: 'Not so.' }, meta));
  }
  if (wanted.want === 'redrive' || wanted.want === 'answer for') {
    const dead = world.postings().filter(({ state }) => state === 'DEAD');
    const among = dead.length ? dead : world.postings();
    const posting = among[wanted.which % among.length];
    return posting && (wanted.want === 'redrive' ? redriven(posting) : answeredFor(world, posting));
  }
  const { id } = books.exceptions[of % books.exceptions.length]!;
  if (wanted.want === 'tell') return reportStatus(id, wanted.status);
  const command = commandOf(wanted);
  return ({ exceptions }, meta) => exceptions.handle(id, command, meta);
}

/** The external system that has the exception reports its status. */
const reportStatus =
  (id: string, status: 'OPEN' | 'ASSIGNED' | 'RESOLVED'): Asking =>
  ({ exceptions }, meta) => {
    const assigned = status === 'ASSIGNED' && { assignee: 'eve' };
    const callback = { externalSystem: 'MANUAL', externalIssueId: 'M-1', status, ...assigned } as const;
    return exceptions.receive(id, callback, meta);
  };

const redriven =
  ({ id }: Dispatch): Asking =>
  ({ dispatches }, meta) =>
    dispatches.redrive(id, meta);

/** An operator looks into the ledger and answers what is there; undefined while the posting may still arrive. */
function answeredFor(world: BooksWorld, { id, version: expectedVersion }: Dispatch): Asking | undefined {
  const arrived = world.isInLedger(id);
  if (arrived === undefined) return undefined;
  const found = arrived ? { arrived, reference: 'L-seen' } : { arrived, reason: 'It is not there.' };
  return ({ dispatches }, meta) => dispatches.answer(id, found, { ...meta, expectedVersion });
}

function commandOf(
  wanted: Exclude<Wanted, { want: 'raise' | 'tell' | 'reverse' | 'redrive' | 'answer for' }>,
) {
  switch (wanted.want) {
    case 'adjust':
      return adjustment(wanted);
    case 'match': {
      const { which, acceptResidual } = wanted;
      const named = counterparts[which % counterparts.length]!;
      return { ...commands.force_match, counterparts: named, acceptResidual };
    }
    default:
      return commands[wanted.want];
  }
}

function adjustment({ which, credit }: Extract<Wanted, { want: 'adjust' }>): ExceptionCommand {
  const [amount, currency] = adjustments[which % adjustments.length]!;
  return {
    type: 'adjust_entry',
    amount,
    currency,
    direction: credit ? 'CREDIT' : 'DEBIT',
    effectiveAt: '2026-01-01T00:00:00.000Z',
    reasonCode: 'FEE',
    notes: 'A fee.',
  };
}
