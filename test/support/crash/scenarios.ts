import type { ApprovalRule, CommandMeta, ExceptionCommand } from '@redress/domain';
import type { Behaviour } from '../fake-ledger';
import type { Process } from './process';

/** What happens to an exception while a process may die at any moment of it. */
export type Scenario = Readonly<{
  name: string;
  rules?: readonly ApprovalRule[];
  /** What the tenant's ledger does when it is asked; without, the books are kept here. */
  ledger?: readonly Behaviour[];
  /** What was done before, undisturbed. */
  before?: readonly (Doing | Wait)[];
  /** By a client who repeats it under the same key until the answer is definite; or an alarm does it. */
  doing?: Doing;
  /** How many races the command loses. After too many it holds a lock from its first read on. */
  lostRaces?: number;
  /** How long the alarms are waited for when nothing comes in its way; ten seconds, if nothing is said. */
  hours?: number;
  /** What the process does outside of itself when nothing comes in its way. */
  steps: readonly string[];
}>;

export type Doing = Readonly<{
  actor: string;
  do: (process: Process, on: On, meta: CommandMeta) => Promise<unknown>;
}>;

/** Time passes, with the alarms that ring in it. */
type Wait = Readonly<{ hours: number }>;
export const isWait = (one: Doing | Wait): one is Wait => 'hours' in one;

/** The exception, and what was posted for it. */
export type On = Readonly<{ exceptionId: string; adjustmentId: string; postingId: string }>;

const doing =
  (command: ExceptionCommand) =>
  (actor: string): Doing => ({
    actor,
    do: ({ exceptions }, { exceptionId }, meta) => exceptions.handle(exceptionId, command, meta),
  });

const adjust = doing({
  type: 'adjust_entry',
  amount: '150.50',
  currency: 'EUR',
  effectiveAt: '2026-01-01T00:00:00.000Z',
  reasonCode: 'FEE',
  notes: 'A fee.',
});
const forceMatch = doing({
  type: 'force_match',
  overrideReason: 'BUSINESS_DECISION',
  notes: 'Seen.',
  counterparts: [
    {
      source: 'ledger',
      transactionId: '019b7c00-0000-7000-8000-000000000101',
      amount: '99.99',
      currency: 'EUR',
    },
  ],
  acceptResidual: true,
});
const resolve = doing({ type: 'resolve', resolution: 'Found in the next statement.' });
const approve = doing({ type: 'confirm', of: 'proposal' });
const reject = doing({ type: 'return', of: 'proposal', reason: 'Not so.' });
const withdraw = doing({ type: 'recall', of: 'proposal' });
const reverse = (actor: string): Doing => ({
  actor,
  do: ({ adjustments }, { adjustmentId }, meta) =>
    adjustments.reverse(adjustmentId, { reason: 'Posted twice.' }, meta),
});
const raiseAgain: Doing = {
  actor: 'matcher',
  do: async ({ exceptions }, { exceptionId }, { tenant, actor }) => {
    const found = await exceptions.find(tenant, exceptionId);
    if (!found.ok) return found;
    const { transactionId, reason } = found.value.exception;
    return exceptions.raise({ transactionId, reason }, { tenant, actor });
  },
};

const twoPeople: readonly ApprovalRule[] = [{ command: 'adjust_entry', approvers: 1 }];
const threePeople: readonly ApprovalRule[] = [{ command: 'adjust_entry', approvers: 2 }];

/** A command to an exception: the tenant is told to the new connection, then it is read, then written. */
const command = ['tenant', 'load_exception', 'commit'];

const lostRace = ['load_exception', 'commit'];
const underLock = ['BEGIN', 'lock_exception', 'load_exception', 'commit', 'COMMIT'];

/** Where no ledger is connected: what is posted are rows here, in the commit of what they are about. */
export const inTheJournal: readonly Scenario[] = [
  { name: 'resolve', doing: resolve('ana'), steps: command },
  { name: 'force-match', doing: forceMatch('ana'), steps: command },
  { name: 'adjust an entry', doing: adjust('ana'), steps: command },
  { name: 'propose an adjustment', rules: twoPeople, doing: adjust('ana'), steps: command },
  {
    name: 'approve as the only one',
    rules: twoPeople,
    before: [adjust('ana')],
    doing: approve('ben'),
    steps: command,
  },
  {
    name: 'approve as the first of two',
    rules: threePeople,
    before: [adjust('ana')],
    doing: approve('ben'),
    steps: command,
  },
  {
    name: 'approve as the second of two',
    rules: threePeople,
    before: [adjust('ana'), approve('ben')],
    doing: approve('cyd'),
    steps: command,
  },
  { name: 'reject', rules: twoPeople, before: [adjust('ana')], doing: reject('ben'), steps: command },
  { name: 'withdraw', rules: twoPeople, before: [adjust('ana')], doing: withdraw('ana'), steps: command },
  {
    name: 'expire',
    rules: twoPeople,
    before: [adjust('ana')],
    hours: 73,
    steps: ['take the job', ...command, 'finish the job'],
  },
  {
    name: 'reverse',
    before: [adjust('ana')],
    doing: reverse('ben'),
    steps: ['tenant', 'load_adjustment', 'SELECT', 'commit'],
  },
  {
    name: 'propose a reversal',
    rules: twoPeople,
    before: [adjust('ana'), approve('ben')],
    doing: reverse('ana'),
    steps: ['tenant', 'load_adjustment', 'SELECT', 'commit'],
  },
  {
    name: 'approve a reversal',
    rules: twoPeople,
    before: [adjust('ana'), approve('ben'), reverse('ana')],
    doing: approve('ben'),
    steps: ['tenant', 'load_exception', 'SELECT', 'commit'],
  },
  {
    name: 'expire a reversal',
    rules: twoPeople,
    before: [adjust('ana'), approve('ben'), reverse('ana')],
    hours: 73,
    steps: ['take the job', ...command, 'finish the job'],
  },
  {
    name: 'adjust an entry in a crowd',
    doing: adjust('ana'),
    lostRaces: 3,
    steps: ['tenant', ...lostRace, ...lostRace, ...lostRace, ...underLock],
  },
  {
    name: 'reverse what has come back by itself',
    before: [adjust('ana'), raiseAgain],
    doing: reverse('ben'),
    steps: ['tenant', 'load_adjustment', 'SELECT', 'commit'],
  },
];

const redrive = (actor: string): Doing => ({
  actor,
  do: ({ dispatches }, { postingId }, meta) => dispatches.redrive(postingId, meta),
});
const answerFor = (actor: string): Doing => ({
  actor,
  do: ({ dispatches }, { postingId }, meta) =>
    dispatches.answer(postingId, { arrived: false, reason: 'It is not there.' }, meta),
});

/** A posting that is due: taken by an alarm, its connection opened, claimed, sent, and reported. */
const sent = [
  ...['take the job', 'load_dispatch', 'SELECT', 'load_dispatch', 'commit', 'POST'],
  ...['load_dispatch', 'commit', 'finish the job'],
];
/** The alarm that was set in case no answer came: a worker looks, and there is nothing to be done. */
/** The posting of a reversal is loaded with the exception that the reversal opened. */
const sentReversal = sent.flatMap((step) => (step === 'load_dispatch' ? [step, 'load_exception'] : [step]));
const lookedAfter = ['take the job', 'load_dispatch', 'finish the job'];
/** A callback of the ledger, which names a connection and no tenant. */
const ledgerCallback = [
  'tenant',
  'SELECT',
  'tenant',
  'SELECT',
  'SELECT',
  'SELECT',
  'load_dispatch',
  'commit',
];
const givenUp = { hours: 200 };
const neverThere = Array.from({ length: 10 }, () => 'never gets it' as const);

/** Where the books are kept in a ledger elsewhere, which is asked over HTTP. */
export const inALedger: readonly Scenario[] = [
  { name: 'resolve', ledger: [], doing: resolve('ana'), steps: command },
  { name: 'force-match', ledger: [], doing: forceMatch('ana'), steps: [...command, ...sent] },
  {
    name: 'adjust an entry',
    ledger: [],
    doing: adjust('ana'),
    hours: 1,
    steps: [...command, ...sent, ...lookedAfter],
  },
  {
    name: 'adjust an entry, which it refuses',
    ledger: ['refuses it'],
    doing: adjust('ana'),
    steps: [...command, ...sent],
  },
  {
    name: 'adjust an entry, and its answer is lost',
    ledger: ['books it unheard'],
    doing: adjust('ana'),
    steps: [...command, ...sent, ...sent],
  },
  {
    name: 'adjust an entry, which it books later',
    ledger: ['accepts it and books it'],
    doing: adjust('ana'),
    steps: [...command, ...sent, ...ledgerCallback, ...lookedAfter],
  },
  {
    name: 'adjust an entry, which it refuses later',
    ledger: ['accepts it and refuses it'],
    doing: adjust('ana'),
    steps: [...command, ...sent, ...ledgerCallback, ...lookedAfter],
  },
  {
    name: 'approve as the second of two',
    ledger: [],
    rules: threePeople,
    before: [adjust('ana'), approve('ben')],
    doing: approve('cyd'),
    steps: [...command, ...sent],
  },
  {
    name: 'reverse',
    ledger: [],
    before: [adjust('ana'), { hours: 0.1 }],
    doing: reverse('ben'),
    steps: ['tenant', 'load_adjustment', 'SELECT', 'commit', ...sentReversal],
  },
  {
    name: 'approve a reversal',
    ledger: [],
    rules: twoPeople,
    before: [adjust('ana'), approve('ben'), { hours: 0.1 }, reverse('ana')],
    doing: approve('ben'),
    steps: ['tenant', 'load_exception', 'SELECT', 'commit', ...sentReversal],
  },
  {
    name: 'flag what it does not answer',
    ledger: neverThere,
    before: [adjust('ana'), { hours: 3.5 }],
    hours: 1,
    steps: ['take the job', ...command, 'finish the job'],
  },
  {
    name: 'try again what was given up',
    ledger: neverThere,
    before: [adjust('ana'), givenUp],
    doing: redrive('dee'),
    steps: ['tenant', 'load_dispatch', 'commit', ...sent],
  },
  {
    name: 'answer for what was given up',
    ledger: neverThere,
    before: [adjust('ana'), givenUp],
    doing: answerFor('dee'),
    steps: ['tenant', 'load_dispatch', 'commit'],
  },
];
