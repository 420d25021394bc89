import type { Context } from '../change';
import { defined } from '../value/defined';
import { cut } from '../value/text';
import type { ExternalTicket, Report } from './attempt-result';
import { problemLength, type Dispatch, type DispatchAttempt } from './dispatch';
import type { DispatchCommand } from './dispatch.lifecycle';

/** The command that a report of an attempt amounts to, and the attempt itself for the list of attempts. */
export function interpretReport(
  dispatch: Dispatch,
  report: Report,
  ctx: Context,
): Readonly<{ command: DispatchCommand; attempt: DispatchAttempt }> {
  const { kind, answer } = report;
  const [oldest, ...others] = answer.outcome === 'found' ? answer.tickets : [];
  const attempt: DispatchAttempt = defined({
    id: ctx.newId(),
    dispatchId: dispatch.id,
    exceptionId: dispatch.exceptionId,
    at: ctx.now,
    kind,
    outcome: answer.outcome,
    problem: 'problem' in answer && answer.problem ? cut(answer.problem, problemLength) : undefined,
    reference: answer.outcome === 'created' ? answer.reference : oldest?.reference,
  });
  return { command: commandFor(dispatch, report, oldest, others), attempt };
}

function commandFor(
  dispatch: Dispatch,
  { kind, answer }: Report,
  oldest: ExternalTicket | undefined,
  others: readonly ExternalTicket[],
): DispatchCommand {
  switch (answer.outcome) {
    case 'created':
      return {
        type: 'confirm',
        reference: answer.reference,
        ...(answer.url && { url: answer.url }),
        ...(answer.id && { id: answer.id }),
      };
    case 'not_sent':
      return { type: 'put_off', ...delayed(answer) };
    case 'refused':
      return answer.unseen && dispatch.kind === 'posting' && dispatch.sends > 1
        ? { type: 'put_off', problem: answer.problem }
        : { type: 'refuse', problem: answer.problem };
    // An accepted posting is sent again under the same id, and the answer says what has become of it.
    case 'accepted':
    case 'unknown':
      return { type: 'lose', ...delayed(answer) };
    case 'received':
      return { type: 'receive', ...delayed(answer) };
    case 'unavailable':
      return { type: 'wait', ...delayed(answer) };
    case 'none':
      return kind === 'sweep' ? { type: 'sweep', references: [] } : missOf(answer);
    case 'found': {
      if (kind === 'sweep' || !oldest)
        return { type: 'sweep', references: answer.tickets.map(({ reference }) => reference) };
      const duplicates = others.map(({ reference }) => reference);
      return { type: 'confirm', ...oldest, ...(duplicates.length && { duplicates }) };
    }
  }
}

const missOf = ({ conclusive, problem }: Extract<Report['answer'], { outcome: 'none' }>): DispatchCommand =>
  defined({ type: 'miss' as const, conclusive, problem });

const delayed = ({ problem, retryAfterMs }: Readonly<{ problem: string; retryAfterMs?: number }>) =>
  defined({ problem, retryAfterMs });
