import { ok, refuse, type Result, type Session, type Transaction, type UnitOfWork } from '@redress/domain';

type Run = <T>(
  kept: UnitOfWork,
  session: Session,
  work: (tx: Transaction) => Promise<Result<T>>,
) => Promise<Result<T>>;

/** Runs work, commits it or not as it is told to, and gives back what the work came to. */
async function committing<T>(
  { run }: UnitOfWork,
  session: Session,
  work: (tx: Transaction) => Promise<Result<T>>,
  commit: (outcome: Result<T>) => Promise<Result<unknown>>,
): Promise<Result<T>> {
  let outcome: Result<T> | undefined;
  const settled = await run(session, async (tx) => commit((outcome = await work(tx))));
  return outcome ?? (settled as Result<T>);
}

const anyRefusal = refuse({ code: 'still_pending', waitsFor: 'approval' });

/** Notes down what is saved while the work runs in a dry run, to be written afterwards. */
function noting(tx: Transaction, notes: ((tx: Transaction) => Promise<void>)[]): Transaction {
  return {
    ...tx,
    exceptions: {
      ...tx.exceptions,
      save: async (change) => void notes.push((later) => later.exceptions.save(change)),
    },
    disputes: {
      ...tx.disputes,
      save: async (change) => void notes.push((later) => later.disputes.save(change)),
    },
    dispatches: {
      ...tx.dispatches,
      save: async (change) => void notes.push((later) => later.dispatches.save(change)),
    },
    comments: {
      ...tx.comments,
      save: async (change) => void notes.push((later) => later.comments.save(change)),
    },
    replies: {
      ...tx.replies,
      remember: async (reply) => void notes.push((later) => later.replies.remember(reply)),
      settle: async (answer) => void notes.push((later) => later.replies.settle(answer)),
    },
  };
}

/** Decides on what is there, and writes later, when another unit of work may have been faster. */
const later: Run = async (kept, session, work) => {
  const notes: ((tx: Transaction) => Promise<void>)[] = [];
  const outcome = await kept.run({ ...session, dryRun: true }, (tx) => work(noting(tx, notes)));
  if (session.dryRun) return outcome;
  const written = await kept.run(session, async (tx) => {
    for (const note of notes) await note(tx);
    return outcome.ok ? ok(undefined) : outcome;
  });
  return written.ok ? outcome : written;
};

/** Each sentence of the documentation of `UnitOfWork`, broken. */
export const unitsOfWork: Readonly<Record<string, Run>> = {
  'commits what was refused': (kept, session, work) =>
    committing(kept, session, work, async () => ok(undefined)),
  'keeps no reply of what was refused': async (kept, session, work) => {
    let outcome: Result<never> | undefined;
    const refused = new Error('refused');
    const run = kept.run(session, async (tx) => {
      const result = await work(tx);
      if (result.ok) return result;
      outcome = result;
      throw refused;
    });
    return run.catch((error: unknown) => {
      if (error === refused && outcome) return outcome;
      throw error;
    });
  },
  'commits what was done before an error': async (kept, session, work) => {
    const errors: unknown[] = [];
    const outcome = await kept.run(session, (tx) =>
      work(tx).catch((error: unknown) => {
        errors.push(error);
        return ok(undefined as never);
      }),
    );
    if (errors.length > 0) throw errors[0];
    return outcome;
  },
  'keeps the reply of what threw': async (kept, session, work) => {
    const errors: unknown[] = [];
    const outcome = await kept.run(session, (tx) =>
      work(tx).catch((error: unknown) => {
        errors.push(error);
        return anyRefusal;
      }),
    );
    if (errors.length > 0) throw errors[0];
    return outcome;
  },
  'takes an error for a refusal': (kept, session, work) => kept.run(session, work).catch(() => anyRefusal),
  'throws an error of its own': (kept, session, work) =>
    kept.run(session, work).catch((cause: unknown) => {
      throw new Error('The unit of work failed.', { cause });
    }),
  'is of no use after an error': (() => {
    let failed = false;
    const run: Run = (kept, session, work) => {
      if (failed) return Promise.reject(new Error('current transaction is aborted'));
      return kept.run(session, work).catch((error: unknown) => {
        failed = true;
        throw error;
      });
    };
    return run;
  })(),
  'gives back nothing': async (kept, session, work) => {
    const outcome = await kept.run(session, work);
    return outcome.ok ? ok(undefined as never) : outcome;
  },
  'writes in a dry run': (kept, { dryRun: _dryRun, ...session }, work) => kept.run(session, work),
  'remembers the reply in a dry run': (kept, { dryRun, ...session }, work) =>
    dryRun ? committing(kept, session, work, async () => anyRefusal) : kept.run(session, work),
  'does not run again when another was faster': later,
  'forgets the key of the reply': (kept, { replyKey: _replyKey, ...session }, work) =>
    kept.run(session, work),
};
