import {
  allDoings,
  disagreement,
  gamesAndSteps,
  randomSteps,
  shortest,
  wrongRules,
  moves,
  disputeMoves,
  type Game,
  type Look,
  type Player,
  type Rules,
  type Step,
} from '../support/reference-desk';
import { itWithSeed, Randomness } from '../support/seed';
import {
  DisputeDesk,
  ExceptionDesk,
  defaultPolicy,
  type Dispute,
  type DisputeCommand,
  type ExceptionCommand,
  type ReconException,
  type CommandMeta,
  type Result,
} from '@redress/domain';
import { InMemoryUnitOfWork } from '@redress/domain/in-memory';
import { aReport, fixedClock, sequentialIds } from '@redress/domain/testing';

const tenant = 'north';
const targets = ['MANUAL', 'JIRA', 'SERVICENOW'] as const;
const dueAt = '2026-01-20T00:00:00.000Z';
const adjustment = {
  type: 'adjust_entry',
  amount: '1.50',
  currency: 'BRL',
  effectiveAt: '2026-01-01T00:00:00.000Z',
  reasonCode: 'FEE',
  notes: 'Booked twice.',
} as const;
const resolvings = {
  adjust_entry: adjustment,
  force_match: { type: 'force_match', overrideReason: 'BUSINESS_DECISION', notes: 'Seen.' },
  resolve: { type: 'resolve', resolution: 'ACCEPTED' },
} as const;

const rulesWith = (disputeBlocksResolving: boolean): Rules => ({
  moves,
  disputeMoves,
  connectors: ['MANUAL', 'JIRA'],
  disputeBlocksResolving,
});

const aGame = (random: Randomness, length: number): Game => ({
  rules: rulesWith(random.next() < 0.3),
  dueAt,
  steps: randomSteps(random, length, allDoings, targets),
});

/** The desks over a store in memory, with one exception on them. */
async function inMemory({ rules }: Game): Promise<Player> {
  const { connectors, disputeBlocksResolving } = rules;
  const ports = { uow: new InMemoryUnitOfWork(), clock: fixedClock, newId: sequentialIds() };
  const desk = new ExceptionDesk(ports, { ...defaultPolicy, connectors, disputeBlocksResolving });
  const disputes = new DisputeDesk(ports);
  const report = aReport({ severity: 'HIGH', dueAt });
  const { id } = must(await desk.raise(report, { tenant, actor: 'ana' })).state;
  const opened: string[] = [];

  const exception = async (): Promise<ReconException> => must(await desk.find(tenant, id)).exception;
  const dispute = async (index: number): Promise<Dispute> =>
    must(await disputes.find(tenant, opened[index]!)).dispute;

  const play = async (step: Step): Promise<string> => {
    const meta = async (current: () => Promise<{ version: number }>): Promise<CommandMeta> => ({
      tenant,
      actor: step.actor,
      ...(step.preview && { preview: true }),
      ...(step.stale && { expectedVersion: (await current()).version + 1 }),
    });
    if (step.do === 'report') {
      const { version: _none, ...plain } = { version: 0, ...(await meta(exception)) };
      return codeOf(await desk.raise({ ...report, severity: step.severity }, plain));
    }
    if (step.do === 'dispute') {
      const opening = { category: step.category, description: 'Wrong.', draft: step.draft };
      const outcome = await disputes.open(id, opening, await meta(exception));
      if (outcome.ok && !step.preview) opened.push(outcome.value.state.id);
      return codeOf(outcome);
    }
    if ('dispute' in step) {
      const which = step.dispute;
      return codeOf(await disputes.handle(opened[which]!, argument(step), await meta(() => dispute(which))));
    }
    if (step.do === 'callback') {
      const callback = {
        externalSystem: step.system,
        externalIssueId: step.issue,
        status: step.status,
        ...(step.status === 'ASSIGNED' && { assignee: step.assignee }),
        ...(step.updatedAt !== undefined && { updatedAt: step.updatedAt }),
      };
      return codeOf(await desk.receive(id, callback, await meta(exception)));
    }
    return codeOf(await desk.handle(id, command(step), await meta(exception)));
  };

  return {
    play,
    look: async (step): Promise<Look> => {
      if ('dispute' in step) {
        const { state, version, category, evidence, resolution, reopenReason } = await dispute(step.dispute);
        const [decided, reopened] = [resolution !== undefined, reopenReason !== undefined];
        const named = category as 'OTHER';
        return { dispute: { state, version, category: named, evidence: evidence.length, decided, reopened } };
      }
      const { status, version, severity, seenCount, ...some } = await exception();
      const { assignedTo, dueAt: due, pending, externalSystem, externalIssueId } = some;
      const { resolutionType, resolvedBy } = some;
      return {
        seen: {
          ...{ status, version, severity, seenCount, assignedTo, dueAt: due, pending },
          ...{ externalSystem, externalIssueId, resolutionType, resolvedBy },
        },
      };
    },
  };
}

function command(step: Step): ExceptionCommand {
  switch (step.do) {
    case 'assign':
      return { type: 'assign', assignee: step.assignee, ...(step.dueAt && { dueAt: step.dueAt }) };
    case 'adjust_entry':
      return { ...adjustment, amount: step.amount, currency: step.currency };
    case 'force_match':
    case 'resolve':
      return resolvings[step.do];
    case 'propose':
      return { type: 'propose', resolution: resolvings[step.kind], waitsFor: step.waitsFor };
    case 'dispatch':
      return { type: 'dispatch', target: step.target };
    case 'return':
      return { type: 'return', reason: 'Not ours.', ...(step.assignee && { assignee: step.assignee }) };
    case 'unassign':
    case 'confirm':
    case 'recall':
      return { type: step.do };
    default:
      throw new Error(`${step.do} is no command to an exception`);
  }
}

function argument(step: Step): DisputeCommand {
  switch (step.do) {
    case 'request_evidence':
      return { type: step.do, note: 'Please send it.' };
    case 'submit_evidence':
      return { type: step.do, comment: 'Here it is.' };
    case 'win':
    case 'lose':
      return { type: step.do, resolution: 'Decided.' };
    case 'reopen':
      return { type: step.do, reason: 'New papers.' };
    default:
      return { type: 'open' };
  }
}

const codeOf = (outcome: Result<unknown>): string => (outcome.ok ? 'ok' : outcome.refusal.code);

function must<T>(outcome: Result<T>): T {
  if (!outcome.ok) throw new Error(outcome.refusal.code);
  return outcome.value;
}

describe('the desk in memory', () => {
  const [games, length] = gamesAndSteps([2000, 40], [20_000, 60]);

  itWithSeed(
    `does what a model of it does, ${games} times ${length} steps`,
    async (random) => {
      for (let i = 0; i < games; i++) {
        const game = aGame(random, length);
        if ((await disagreement(game, await inMemory(game))) !== undefined)
          throw new Error(await shortest(game, inMemory));
      }
    },
    900_000,
  );

  it.each(wrongRules(rulesWith(false)).map(({ name, rules }) => [name, rules] as const))(
    'would be found out if %s in the model',
    async (_name, wrong) => {
      const random = new Randomness(4711);
      let found: string | undefined;
      for (let i = 0; i < 600 && found === undefined; i++) {
        const game = aGame(random, 40);
        const { disputeBlocksResolving } = game.rules;
        found = await disagreement(
          { ...game, rules: { ...wrong, disputeBlocksResolving } },
          await inMemory(game),
        );
      }
      expect(found).toMatch(/^step \d+/);
    },
  );
});
