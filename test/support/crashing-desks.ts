import {
  AdjustmentDesk,
  ExceptionDesk,
  type LoadedException,
  type Ports,
  type Transaction,
  type UnitOfWork,
} from '@redress/domain';
import { DispatchDesk } from '@redress/domain/integrations';
import type { Life } from './crash/life';

/** What is broken on purpose. */
export type Faults = Readonly<{
  forgetsReplies?: boolean;
  letsProposersIn?: boolean;
  /** A reversal is posted without a look at the policy. */
  reversesAlone?: boolean;
  /** What an external system reports is taken without a look at the policy. */
  trustsReports?: boolean;
  neverRings?: boolean;
  postsUnderNewIds?: boolean;
}>;

/** The desks of one process. */
export type Desks = Readonly<{
  exceptions: ExceptionDesk;
  adjustments: AdjustmentDesk;
  dispatches: DispatchDesk;
  uow: UnitOfWork;
}>;

/** Each thing that is asked of the store is a step of the process, and so is the commit: it may die at any of them. */
export function crashingDesks(ports: Ports, life: Life, faults: Faults): Desks {
  const uow: UnitOfWork = {
    run: (session, work) =>
      life.step('commit', () => ports.uow.run(session, (tx) => work(crashing(withFaults(tx, faults), life)))),
  };
  const mine = { ...ports, uow };
  return {
    exceptions: new ExceptionDesk(mine),
    adjustments: new AdjustmentDesk(mine),
    dispatches: new DispatchDesk(mine),
    uow,
  };
}

type Store = Record<string, (...given: unknown[]) => Promise<unknown>>;

function crashing(tx: Transaction, life: Life): Transaction {
  const stores = Object.entries(tx as unknown as Record<string, Store>).map(([name, store]) => {
    const steps = Object.entries(store).map(([what, does]) => [
      what,
      (...given: unknown[]) => life.step(`${name}.${what}`, () => does(...given)),
    ]);
    return [name, Object.fromEntries(steps)];
  });
  return Object.fromEntries(stores) as Transaction;
}

function withFaults(tx: Transaction, faults: Faults): Transaction {
  const { forgetsReplies, letsProposersIn, reversesAlone, trustsReports } = faults;
  const { adjustments, exceptions, replies } = tx;
  return {
    ...tx,
    ...(forgetsReplies && { replies: { ...replies, remember: async () => undefined } }),
    ...(letsProposersIn && {
      exceptions: { ...exceptions, load: async (id) => proposedByNobody(await exceptions.load(id)) },
    }),
    ...(trustsReports && {
      exceptions: { ...exceptions, load: async (id) => unasked(await exceptions.load(id)) },
    }),
    ...(reversesAlone && {
      adjustments: { load: async (id) => withoutPolicy(await adjustments.load(id)) },
    }),
  };
}

function withoutPolicy<T extends { approvalPolicy?: unknown }>(loaded: T | undefined) {
  if (!loaded) return undefined;
  const { approvalPolicy: _asked, ...rest } = loaded;
  return rest;
}

/** Nothing about what waits for an external system is known to take approval. */
const unasked = (loaded: LoadedException | undefined): LoadedException | undefined =>
  loaded?.exception.pending === 'external' ? { ...loaded, facts: withoutPolicy(loaded.facts)! } : loaded;

function proposedByNobody(loaded: LoadedException | undefined): LoadedException | undefined {
  const { proposal } = loaded?.exception ?? {};
  if (!loaded || !proposal) return loaded;
  return { ...loaded, exception: { ...loaded.exception, proposal: { ...proposal, proposedBy: 'nobody' } } };
}
