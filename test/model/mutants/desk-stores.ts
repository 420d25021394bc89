import type {
  AdjustmentStore,
  CommentStore,
  DispatchStore,
  DisputeStore,
  ExceptionStore,
  LoadedException,
  ReplyStore,
  Transaction,
} from '@redress/domain';
import { andThen, askedFor, idle, pedantic, type MutantsOf } from './mutant';

type Facts = LoadedException['facts'];

/** Facts that are not brought along with what is loaded. */
const without =
  (name: keyof Facts) =>
  <L extends Readonly<{ facts: Facts }>>(loaded: L): L => ({
    ...loaded,
    facts: {
      ...loaded.facts,
      [name]: name === 'activeDisputes' || name === 'liveDispatches' ? [] : undefined,
    },
  });
const one =
  <L>(change: (loaded: L) => unknown) =>
  (loaded: L | undefined) =>
    loaded && change(loaded);
const all =
  <L>(change: (loaded: L) => unknown) =>
  (loaded: readonly L[]) =>
    loaded.map(change);
/** A change without some of what comes with it. */
const losing =
  (name: 'adjustment' | 'match' | 'dispatch' | 'notes' | 'endsDispatches' | 'attempt' | 'exception') =>
  <Change extends object>(save: (change: Change) => Promise<void>) =>
  (change: Change) =>
    save({ ...change, [name]: undefined });
const losingEvents =
  <Change extends Readonly<{ events: readonly unknown[] }>>(save: (change: Change) => Promise<void>) =>
  (change: Change) =>
    save({ ...change, events: [] });

type Identities = Parameters<ExceptionStore['unresolved']>;
const pedanticAboutTransactions =
  <Found>(kept: (...asked: Identities) => Promise<Found>) =>
  async (...[identities]: Identities): Promise<Found> => {
    await pedantic(async (..._ids: string[]) => undefined)(...identities.map((one) => one.transactionId));
    return kept(identities);
  };
const pedanticAboutReasons =
  <Found>(kept: (...asked: Identities) => Promise<Found>) =>
  async (...[identities]: Identities): Promise<Found> => {
    if (identities.some(({ reason }) => reason.includes('\0'))) throw new Error('invalid byte sequence');
    return kept(identities);
  };

const exceptions: MutantsOf<ExceptionStore> = {
  load: [
    ['finds nothing in capital letters', (kept) => async (id) => (/[A-F]/.test(id) ? undefined : kept(id))],
    ['throws for what is no UUID', pedantic],
    ['brings no disputes along', andThen(one(without('activeDisputes')))],
    ['brings no dispatches along', andThen(one(without('liveDispatches')))],
    ['brings no approval policy along', andThen(one(without('approvalPolicy')))],
    ['brings no reason codes along', andThen(one(without('reasonCodes')))],
    ['does not say that there is a ledger', andThen(one(without('ledger')))],
    [
      'does not say what the live tickets are called',
      andThen(
        one(({ exception, facts }: LoadedException) => ({
          exception,
          facts: { ...facts, liveDispatches: facts.liveDispatches.map(({ id, target }) => ({ id, target })) },
        })),
      ),
    ],
  ],
  loadAll: [
    ['finds nothing in capital letters', askedFor((ids) => [ids.filter((id) => !/[A-F]/.test(id))])],
    ['throws for what is no UUID', pedantic],
    [
      'gives one back as often as it is asked for',
      andThen((found, ids) => [...found, ...found].slice(0, ids.length)),
    ],
    ['finds the first hundred alone', askedFor((ids) => [ids.slice(0, 100)])],
    ['brings no disputes along', andThen(all(without('activeDisputes')))],
    ['brings no approval policy along', andThen(all(without('approvalPolicy')))],
    ['brings no reason codes along', andThen(all(without('reasonCodes')))],
    ['does not say that there is a ledger', andThen(all(without('ledger')))],
    ['brings no dispatches along', andThen(all(without('liveDispatches')))],
  ],
  unresolved: [
    ['finds resolved ones as well', (_kept, port) => (identities) => port.latest(identities)],
    [
      'goes by the very letters of a reason',
      andThen((found, identities) =>
        found.filter(({ reason }) => identities.some((one) => one.reason === reason)),
      ),
    ],
    [
      'finds no transaction in capital letters',
      askedFor((identities) => [identities.filter(({ transactionId }) => !/[A-F]/.test(transactionId))]),
    ],
    [
      'gives one back for each time it is asked for',
      andThen((found, identities) => (identities.length > found.length ? [...found, ...found] : found)),
    ],
    [
      'finds none that are pending',
      andThen((found) => found.filter(({ status }) => status !== 'PENDING_RESOLUTION')),
    ],
    ['throws for a transaction that is no UUID', pedanticAboutTransactions],
    ['throws for a reason with U+0000', pedanticAboutReasons],
  ],
  latest: [
    ['finds unresolved ones alone', (_kept, port) => (identities) => port.unresolved(identities)],
    [
      'finds none that are unresolved',
      andThen((found) => found.filter(({ status }) => status === 'RESOLVED')),
    ],
    ['throws for a transaction that is no UUID', pedanticAboutTransactions],
    ['throws for a reason with U+0000', pedanticAboutReasons],
    [
      'gives one back for each time it is asked for',
      andThen((found, identities) => (identities.length > found.length ? [...found, ...found] : found)),
    ],
    [
      'goes by the very letters of a reason',
      andThen((found, identities) =>
        found.filter(({ reason }) => identities.some((one) => one.reason === reason)),
      ),
    ],
    [
      'finds no transaction in capital letters',
      askedFor((identities) => [identities.filter(({ transactionId }) => !/[A-F]/.test(transactionId))]),
    ],
    [
      'finds what was resolved before the last',
      (kept, port) => async (identities) =>
        Promise.all(
          (await kept(identities)).map(async (found) => {
            const before = found.previous === undefined ? undefined : await port.load(found.previous);
            return found.status === 'RESOLVED' && before ? before.exception : found;
          }),
        ),
    ],
  ],
  save: [
    ['loses the events', losingEvents],
    [
      'loses all events but the first',
      askedFor((change) => [{ ...change, events: change.events.slice(0, 1) }]),
    ],
    [
      'writes the events backwards',
      askedFor((change) => [{ ...change, events: [...change.events].reverse() }]),
    ],
    ['loses the adjustment', losing('adjustment')],
    ['loses the forced match', losing('match')],
    ['loses the dispatch', losing('dispatch')],
    ['loses the notes', losing('notes')],
    ['lets tickets live on', losing('endsDispatches')],
    [
      'does not look at the stored version',
      (kept, port) => async (change) =>
        kept({ ...change, basedOn: (await port.load(change.state.id))?.exception.version ?? 0 }),
    ],
    [
      'keeps what a change unsets',
      (kept, port) => async (change) =>
        kept({ ...change, state: { ...(await port.load(change.state.id))?.exception, ...change.state } }),
    ],
    [
      'counts money in floats',
      askedFor((change) => [
        {
          ...change,
          state: {
            ...change.state,
            ...(change.state.amount && {
              amount: { ...change.state.amount, amount: String(Number(change.state.amount.amount)) },
            }),
          },
        },
      ]),
    ],
    [
      'trims texts',
      askedFor((change) => [{ ...change, state: { ...change.state, reason: change.state.reason.trim() } }]),
    ],
    [
      'loses milliseconds',
      askedFor((change) => [
        {
          ...change,
          state: { ...change.state, updatedAt: change.state.updatedAt.replace(/\.\d+Z/, '.000Z') },
        },
      ]),
    ],
  ],
};

const disputes: MutantsOf<DisputeStore> = {
  load: [
    ['finds nothing in capital letters', (kept) => async (id) => (/[A-F]/.test(id) ? undefined : kept(id))],
    ['throws for what is no UUID', pedantic],
    ['brings no disputes along', andThen(one(without('activeDisputes')))],
    [
      'turns the evidence around',
      andThen(
        one(({ dispute, facts }) => ({
          facts,
          dispute: { ...dispute, evidence: [...dispute.evidence].reverse() },
        })),
      ),
    ],
  ],
  save: [
    ['loses the events', losingEvents],
    ['loses the evidence', askedFor((change) => [{ ...change, state: { ...change.state, evidence: [] } }])],
    [
      'does not look at the stored version',
      (kept, port) => async (change) =>
        kept({ ...change, basedOn: (await port.load(change.state.id))?.dispute.version ?? 0 }),
    ],
    [
      'forgets how it ended',
      askedFor((change) => [{ ...change, state: { ...change.state, resolution: undefined } }]),
    ],
  ],
};

const comments: MutantsOf<CommentStore> = {
  load: [
    ['throws for what is no UUID', pedantic],
    [
      'finds nothing in capital letters',
      (kept) => async (exceptionId, id) =>
        /[A-F]/.test(id + exceptionId) ? undefined : kept(exceptionId, id),
    ],
  ],
  save: [
    ['loses the events', losingEvents],
    ['loses the notes', losing('notes')],
    [
      'does not look at the stored version',
      (kept, port) => async (change) =>
        kept({
          ...change,
          basedOn: (await port.load(change.state.exceptionId, change.state.id))?.version ?? 0,
        }),
    ],
    [
      'shows what was deleted',
      askedFor((change) => [{ ...change, state: { ...change.state, deletedAt: undefined } }]),
    ],
    [
      'trims texts',
      askedFor((change) => [{ ...change, state: { ...change.state, content: change.state.content.trim() } }]),
    ],
  ],
};

const adjustments: MutantsOf<AdjustmentStore> = {
  load: [
    ['finds nothing in capital letters', (kept) => async (id) => (/[A-F]/.test(id) ? undefined : kept(id))],
    ['throws for what is no UUID', pedantic],
    ['does not say that it was reversed', andThen(one(({ reversedBy: _reversedBy, ...loaded }) => loaded))],
    ['does not say that a ledger has it', andThen(one(({ carried: _posted, ...loaded }) => loaded))],
    ['brings no approval policy along', andThen(one(({ approvalPolicy: _policy, ...loaded }) => loaded))],
    [
      'rounds amounts',
      andThen(
        one(({ adjustment, ...loaded }) => ({
          ...loaded,
          adjustment: {
            ...adjustment,
            amount: { ...adjustment.amount, amount: Number(adjustment.amount.amount).toFixed(2) },
          },
        })),
      ),
    ],
  ],
};

const dispatches: MutantsOf<DispatchStore> = {
  load: [
    ['finds nothing in capital letters', (kept) => async (id) => (/[A-F]/.test(id) ? undefined : kept(id))],
    ['throws for what is no UUID', pedantic],
    ['brings no ticket along with a note', andThen(one(({ ticket: _ticket, ...loaded }) => loaded))],
    ['brings no approval policy along', andThen(one(without('approvalPolicy')))],
    ['brings no dispatches along', andThen(one(without('liveDispatches')))],
  ],
  save: [
    ['loses the attempt', losing('attempt')],
    ['loses the events', losingEvents],
    ['loses what it did to the exception', losing('exception')],
    [
      'does not look at the stored version',
      (kept, port) => async (change) =>
        kept({ ...change, basedOn: (await port.load(change.state.id))?.dispatch.version ?? 0 }),
    ],
    [
      'forgets the sends that are in doubt',
      askedFor((change) => [{ ...change, state: { ...change.state, doubtfulSends: 0 } }]),
    ],
    [
      'forgets when it is due',
      askedFor((change) => [{ ...change, state: { ...change.state, nextAttemptAt: undefined } }]),
    ],
    [
      'cuts what was said of an attempt',
      askedFor((change) => [
        {
          ...change,
          ...(change.attempt && {
            attempt: { ...change.attempt, problem: change.attempt.problem?.slice(0, 10) },
          }),
        },
      ]),
    ],
  ],
};

/** Of every transaction: the reply that belongs to the key of the session. */
export const replies: MutantsOf<ReplyStore> = {
  find: [
    ['finds nothing', idle],
    [
      'forgets that a reply is provisional',
      andThen(one(({ fingerprint, answer }) => ({ fingerprint, answer }))),
    ],
    ['changes the text', andThen(one((reply) => ({ ...reply, answer: reply.answer.trim() })))],
    ['forgets what was asked', andThen(one((reply) => ({ ...reply, fingerprint: '' })))],
    ['makes up a reply where there is none', andThen((reply) => reply ?? { fingerprint: 'f', answer: '' })],
  ],
  remember: [
    ['forgets', idle],
    [
      'keeps a provisional reply as a final one',
      askedFor(({ fingerprint, answer }) => [{ fingerprint, answer }]),
    ],
  ],
  settle: [
    ['does nothing', idle],
    ['takes any number of answers', (kept) => (answer) => kept(answer).catch(() => undefined)],
    ['keeps another answer', askedFor((answer) => [`${answer} `])],
  ],
};

/** The ports of the desk's unit of work. */
export const deskStores: { readonly [Store in keyof Transaction]: MutantsOf<Transaction[Store]> } = {
  exceptions,
  disputes,
  comments,
  adjustments,
  dispatches,
  replies,
};
