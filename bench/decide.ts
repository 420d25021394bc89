import { decide, raise, type Context, type ReconException } from '@redress/domain';
import type { Setting } from './support/setting';
import { median, printTable } from './support/statistics';

const runs = 200_000;

/** The rules alone, in this process: what a decision costs before anything is stored. */
export async function decideBench({ rounds }: Setting): Promise<void> {
  const ctx: Context = {
    actor: 'ana@example.com',
    now: '2026-01-02T03:04:05.678Z',
    newId: () => '019b7c00-0000-7000-8000-000000000001',
  };
  const report = {
    transactionId: '019b7c00-0000-7000-8000-000000007777',
    reason: 'Amount mismatch detected',
    amount: '1500.50',
    currency: 'BRL',
  };
  const raised = raise(report, ctx);
  if (!raised.ok) throw new Error(raised.refusal.code);
  const exception: ReconException = raised.value.state;
  const notes = 'Approved by the finance team after manual review';
  const forceMatch = { type: 'force_match', overrideReason: 'BUSINESS_DECISION', notes } as const;
  const rates = {
    'decide: force match': ratesOf(rounds, () => decide(exception, forceMatch, ctx).ok),
    'decide: refused': ratesOf(rounds, () => !decide(exception, { type: 'confirm' }, ctx).ok),
    raise: ratesOf(rounds, () => raise(report, ctx).ok),
  };
  printTable(
    'The rules alone, in process',
    Object.entries(rates).map(([what, perSecond]) => ({ what, 'per second': median(perSecond).toFixed(0) })),
  );
}

/** The first round is for the compiler and does not count. */
function ratesOf(rounds: number, work: () => boolean): number[] {
  const rates = Array.from({ length: rounds + 1 }, () => {
    const start = performance.now();
    for (let i = 0; i < runs; i++) if (!work()) throw new Error('the rules answered otherwise');
    return (runs / (performance.now() - start)) * 1000;
  });
  return rates.slice(1);
}
