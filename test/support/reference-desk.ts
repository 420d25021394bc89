import { shortOrLong, type Randomness } from './seed';

/*
 * The desk once more, as small as it can be and written from its description alone: what a step leads to, and what is
 * to be seen afterwards. It shares no table and no rule with the service, so that a mistake in one is not in both.
 */

export type Target = 'MANUAL' | 'JIRA' | 'SERVICENOW';
export type Category = 'OTHER' | 'BANK_FEE_ERROR';
type Severity = 'LOW' | 'HIGH' | 'CRITICAL';
type Kind = 'force_match' | 'adjust_entry' | 'resolve';

/** One command or report. A dispute is named by its place in the order of opening. */
export type Step = Readonly<{ actor: string; preview?: boolean; stale?: boolean }> &
  (
    | Readonly<{ do: 'report'; severity: Severity }>
    | Readonly<{ do: 'assign'; assignee: string; dueAt?: string }>
    | Readonly<{ do: 'unassign' | 'force_match' | 'resolve' }>
    | Readonly<{ do: 'adjust_entry'; amount: string; currency: string }>
    | Readonly<{ do: 'propose'; kind: Kind; waitsFor: 'approval' | 'ledger' }>
    | Readonly<{ do: 'confirm' }>
    | Readonly<{ do: 'return'; assignee?: string }>
    | Readonly<{ do: 'recall' }>
    | Readonly<{ do: 'dispatch'; target: Target }>
    | Readonly<{
        do: 'callback';
        system: Target;
        issue: string;
        status: 'OPEN' | 'ASSIGNED' | 'RESOLVED';
        assignee: string;
        updatedAt?: string;
      }>
    | Readonly<{ do: 'dispute'; category: Category; draft: boolean }>
    | Readonly<{ do: DisputeDoing; dispute: number }>
  );

export type Doing = Step['do'];
export type DisputeDoing = 'open' | 'request_evidence' | 'submit_evidence' | 'win' | 'lose' | 'reopen';

export type SeenDispute = Readonly<{
  state: string;
  version: number;
  category: Category;
  evidence: number;
  decided: boolean;
  reopened: boolean;
}>;

/** What can be seen of one exception from outside; undefined where there is nothing to see. */
export type Seen = Readonly<{
  status: string;
  version: number;
  severity: string;
  seenCount: number;
  assignedTo?: string | undefined;
  dueAt?: string | undefined;
  pending?: string | undefined;
  externalSystem?: string | undefined;
  externalIssueId?: string | undefined;
  resolutionType?: string | undefined;
  resolvedBy?: string | undefined;
}>;

type Hidden = Readonly<{
  proposal?: Readonly<{ by: string; kind: Kind }> | undefined;
  externalUpdatedAt?: string | undefined;
  live: readonly Target[];
}>;
export type Desk = Readonly<{ seen: Seen; hidden: Hidden; disputes: readonly SeenDispute[] }>;

/** `ok`, or the code of the refusal; and what the desk is like afterwards. */
export type Outcome = Readonly<{ code: string; desk: Desk }>;

/** command → status it is given in → status it leads to; `back` is wherever it came from. */
export type Moves = Readonly<Record<string, Readonly<Record<string, string>>>>;

export const moves: Moves = {
  assign: { OPEN: 'ASSIGNED', ASSIGNED: 'ASSIGNED' },
  unassign: { ASSIGNED: 'OPEN' },
  force_match: { OPEN: 'RESOLVED', ASSIGNED: 'RESOLVED', PENDING_RESOLUTION: 'RESOLVED' },
  adjust_entry: { OPEN: 'RESOLVED', ASSIGNED: 'RESOLVED', PENDING_RESOLUTION: 'RESOLVED' },
  resolve: { OPEN: 'RESOLVED', ASSIGNED: 'RESOLVED', PENDING_RESOLUTION: 'RESOLVED' },
  propose: {
    OPEN: 'PENDING_RESOLUTION',
    ASSIGNED: 'PENDING_RESOLUTION',
    PENDING_RESOLUTION: 'PENDING_RESOLUTION',
  },
  dispatch: {
    OPEN: 'PENDING_RESOLUTION',
    ASSIGNED: 'PENDING_RESOLUTION',
    PENDING_RESOLUTION: 'PENDING_RESOLUTION',
  },
  confirm: { PENDING_RESOLUTION: 'RESOLVED' },
  return: { PENDING_RESOLUTION: 'back' },
  recall: { PENDING_RESOLUTION: 'back' },
};

export const disputeMoves: Moves = {
  open: { DRAFT: 'OPEN' },
  request_evidence: { OPEN: 'PENDING_EVIDENCE' },
  submit_evidence: { OPEN: 'OPEN', PENDING_EVIDENCE: 'OPEN' },
  win: { OPEN: 'WON', PENDING_EVIDENCE: 'WON' },
  lose: { OPEN: 'LOST', PENDING_EVIDENCE: 'LOST' },
  reopen: { LOST: 'OPEN' },
};

export const exceptionStatuses = ['OPEN', 'ASSIGNED', 'PENDING_RESOLUTION', 'RESOLVED'] as const;
export const disputeStates = ['DRAFT', 'OPEN', 'PENDING_EVIDENCE', 'WON', 'LOST'] as const;

export type Rules = Readonly<{
  moves: Moves;
  disputeMoves: Moves;
  connectors: readonly Target[];
  disputeBlocksResolving: boolean;
}>;

export const newDesk = (dueAt: string): Desk => ({
  seen: { status: 'OPEN', version: 1, severity: 'HIGH', seenCount: 1, dueAt },
  hidden: { live: [] },
  disputes: [],
});

const ranks = ['LOW', 'HIGH', 'CRITICAL'];
const isActive = ({ state }: SeenDispute): boolean => !['WON', 'LOST'].includes(state);
const categoryTaken = (desk: Desk, category: Category): boolean =>
  desk.disputes.some((dispute) => isActive(dispute) && dispute.category === category);

/** What this step leads to. */
export function expectedOf(desk: Desk, step: Step, rules: Rules): Outcome {
  const outcome = outcomeOf(desk, step, rules);
  return outcome.code !== 'ok' || step.preview ? { code: outcome.code, desk } : outcome;
}

function outcomeOf(desk: Desk, step: Step, rules: Rules): Outcome {
  // A report names no version, so it cannot be late.
  if (step.do === 'report') return reported(desk, step.severity);
  if (step.stale) return { code: 'stale_version', desk };
  if (step.do === 'dispute') return disputed(desk, step);
  if ('dispute' in step) return argued(desk, step, rules);
  if (step.do === 'callback') return called(desk, step, rules);
  return worked(desk, step, rules);
}

function reported(desk: Desk, severity: Severity): Outcome {
  const { seen } = desk;
  // What is resolved stays so; the report is of another exception then.
  if (seen.status === 'RESOLVED') return { code: 'ok', desk };
  const higher = ranks.indexOf(severity) > ranks.indexOf(seen.severity);
  return ok(desk, {
    seenCount: seen.seenCount + 1,
    ...(higher && { severity, version: seen.version + 1 }),
  });
}

type Working = Extract<
  Step,
  {
    do: 'assign' | 'unassign' | Kind | 'propose' | 'confirm' | 'return' | 'recall' | 'dispatch';
  }
>;

function worked(desk: Desk, step: Working, rules: Rules): Outcome {
  const { seen, hidden } = desk;
  const to = rules.moves[step.do]?.[seen.status];
  const refused = to === undefined ? 'not_allowed' : objection(desk, step, rules);
  if (refused !== undefined) return { code: refused, desk };

  const version = seen.version + 1;
  const done = (by: string, kind?: Kind): Partial<Seen> => ({
    resolvedBy: by,
    ...(kind === 'force_match' && { resolutionType: 'FORCE_MATCH' }),
    ...(kind === 'adjust_entry' && { resolutionType: 'ADJUST_ENTRY' }),
  });
  const over = { pending: undefined };
  switch (step.do) {
    case 'assign': {
      const { assignee, dueAt = seen.dueAt } = step;
      return ok(desk, { status: to!, version, assignedTo: assignee, dueAt });
    }
    case 'unassign':
      return ok(desk, { status: to!, version, assignedTo: undefined });
    case 'force_match':
    case 'adjust_entry':
    case 'resolve':
      return ok(
        desk,
        { status: to!, version, ...over, ...done(step.actor, step.do) },
        { proposal: undefined, live: [] },
      );
    case 'confirm': {
      const { by = step.actor, kind } = hidden.proposal ?? {};
      // The ledger only reports what it did: the proposer has decided it.
      const decider = seen.pending === 'ledger' ? by : step.actor;
      return ok(
        desk,
        { status: to!, version, ...over, ...done(decider, kind) },
        { proposal: undefined, live: [] },
      );
    }
    case 'propose':
      return ok(
        desk,
        { status: to!, version, pending: step.waitsFor },
        { proposal: { by: step.actor, kind: step.kind } },
      );
    case 'dispatch':
      return ok(
        desk,
        {
          status: to!,
          version,
          pending: 'external',
          externalSystem: step.target,
          externalIssueId: undefined,
        },
        { externalUpdatedAt: undefined, live: [...hidden.live, step.target] },
      );
    case 'return':
    case 'recall': {
      const assignee = step.do === 'return' ? step.assignee : undefined;
      const assignedTo = assignee ?? seen.assignedTo;
      const back = assignedTo === undefined ? 'OPEN' : 'ASSIGNED';
      // Who took it up outside keeps it; a proposal that fails leaves it wherever it was.
      const gone = seen.pending === 'external' && assignee === undefined;
      return ok(
        desk,
        {
          status: to === 'back' ? back : to!,
          version,
          ...over,
          assignedTo,
          ...(gone && { externalSystem: undefined, externalIssueId: undefined }),
        },
        { proposal: undefined, ...(gone && { externalUpdatedAt: undefined, live: [] }) },
      );
    }
  }
}

const digits: Readonly<Record<string, number>> = { JPY: 0, BRL: 2 };

/** What stands in the way of a command that the status would allow. */
function objection({ seen, hidden, disputes }: Desk, step: Working, rules: Rules): string | undefined {
  const inside = seen.pending === 'approval' || seen.pending === 'ledger';
  const blocked = rules.disputeBlocksResolving && disputes.some(isActive);
  switch (step.do) {
    case 'assign': {
      const { assignee, dueAt = seen.dueAt } = step;
      return seen.assignedTo === assignee && seen.dueAt === dueAt ? 'already_assigned' : undefined;
    }
    case 'force_match':
    case 'adjust_entry':
    case 'resolve':
      if (inside) return 'still_pending';
      if (blocked) return 'dispute_active';
      return step.do === 'adjust_entry' ? moneyObjection(step) : undefined;
    case 'propose':
      if (inside) return 'still_pending';
      return blocked ? 'dispute_active' : undefined;
    case 'dispatch':
      if (inside) return 'still_pending';
      if (!rules.connectors.includes(step.target)) return 'connector_not_configured';
      return hidden.live.includes(step.target) ? 'already_dispatched' : undefined;
    case 'recall':
      return seen.pending === 'ledger' ? 'still_pending' : undefined;
    case 'confirm':
      if (seen.pending !== 'approval') return undefined;
      if (hidden.proposal?.by === step.actor) return 'own_proposal';
      return blocked ? 'dispute_active' : undefined;
    default:
      return undefined;
  }
}

function moneyObjection({ amount, currency }: { amount: string; currency: string }): string | undefined {
  if (digits[currency] === undefined) return 'unknown_currency';
  const [, fraction = ''] = amount.split('.');
  if (fraction.replace(/0+$/, '').length > digits[currency]) return 'amount_precision';
  return Number(amount) > 0 ? undefined : 'amount_not_positive';
}

function called(desk: Desk, step: Extract<Step, { do: 'callback' }>, rules: Rules): Outcome {
  const { seen, hidden } = desk;
  const { system, issue, updatedAt, actor, assignee } = step;
  const stranger = seen.externalSystem !== system || (seen.externalIssueId ?? issue) !== issue;
  if (stranger) return { code: 'callback_mismatch', desk };
  const late = updatedAt !== undefined && updatedAt < (hidden.externalUpdatedAt ?? '');
  if (late) return { code: 'ok', desk };
  if (seen.pending === 'approval' || seen.pending === 'ledger') return { code: 'still_pending', desk };

  const waits = seen.status === 'PENDING_RESOLUTION';
  const meaning: Record<typeof step.status, Working> = {
    RESOLVED: { actor, do: waits ? 'confirm' : 'resolve' },
    ASSIGNED: { actor, do: waits ? 'return' : 'assign', assignee },
    OPEN: { actor, do: 'return' },
  };
  const hearing = { ...rules, disputeBlocksResolving: false };
  const outcome = worked(desk, meaning[step.status], hearing);
  if (outcome.code !== 'ok' || outcome.desk.seen.externalSystem === undefined) return outcome;
  return ok(
    outcome.desk,
    { externalIssueId: issue },
    updatedAt === undefined ? {} : { externalUpdatedAt: updatedAt },
  );
}

function disputed(desk: Desk, { category, draft }: Extract<Step, { do: 'dispute' }>): Outcome {
  if (categoryTaken(desk, category)) return { code: 'dispute_active', desk };
  const state = draft ? 'DRAFT' : 'OPEN';
  const dispute = { state, version: 1, category, evidence: 0, decided: false, reopened: false };
  return { code: 'ok', desk: { ...desk, disputes: [...desk.disputes, dispute] } };
}

function argued(desk: Desk, step: Extract<Step, { dispute: number }>, rules: Rules): Outcome {
  const dispute = desk.disputes[step.dispute]!;
  const state = rules.disputeMoves[step.do]?.[dispute.state];
  if (state === undefined) return { code: 'not_allowed', desk };
  if (step.do === 'reopen' && categoryTaken(desk, dispute.category)) return { code: 'dispute_active', desk };
  const after: SeenDispute = {
    ...dispute,
    state,
    version: dispute.version + 1,
    evidence: dispute.evidence + (step.do === 'submit_evidence' ? 1 : 0),
    decided: step.do === 'win' || step.do === 'lose',
    reopened: dispute.reopened || step.do === 'reopen',
  };
  return {
    code: 'ok',
    desk: { ...desk, disputes: desk.disputes.map((other, i) => (i === step.dispute ? after : other)) },
  };
}

const ok = (
  { seen, hidden, disputes }: Desk,
  change: Partial<Seen>,
  unseen: Partial<Hidden> = {},
): Outcome => ({
  code: 'ok',
  desk: { seen: { ...seen, ...change }, hidden: { ...hidden, ...unseen }, disputes },
});

/** What is played upon: the domain in memory, or the running service. */
export type Player = Readonly<{
  /** `ok`, or the code of the refusal. */
  play: (step: Step) => Promise<string>;
  /** What is to be seen of what the step is about. */
  look: (step: Step) => Promise<Look>;
}>;
export type Look = Readonly<{ seen?: Seen; dispute?: SeenDispute }>;

export type Game = Readonly<{ rules: Rules; dueAt: string; steps: readonly Step[] }>;

/** The first step after which the desk and this model of it disagree, told in words; undefined when they never do. */
export async function disagreement(
  { rules, dueAt, steps }: Game,
  player: Player,
): Promise<string | undefined> {
  let desk = newDesk(dueAt);
  for (const [index, step] of steps.entries()) {
    // In a shortened game the dispute may not have been opened.
    if ('dispute' in step && !desk.disputes[step.dispute]) continue;
    const expected = expectedOf(desk, step, rules);
    const code = await player.play(step);
    const { seen, dispute } = await player.look(step);
    const [theirs, ours] = [
      plain({ code, seen, dispute }),
      plain({
        code: expected.code,
        seen: seen && expected.desk.seen,
        dispute: dispute && expected.desk.disputes['dispute' in step ? step.dispute : -1],
      }),
    ];
    if (theirs !== ours)
      return `step ${index + 1}, ${JSON.stringify(step)}:\n  is       ${theirs}\n  expected ${ours}`;
    desk = expected.desk;
  }
  return undefined;
}

/** Members in one order, without what is not there. */
const plain = (value: unknown): string =>
  JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );

/** Leaves out whatever the disagreement does not need, step by step; tells what remains. */
export async function shortest(game: Game, playerOf: (game: Game) => Promise<Player>): Promise<string> {
  let { steps } = game;
  for (let i = steps.length - 1; i >= 0; i--) {
    const shorter = { ...game, steps: steps.filter((_, index) => index !== i) };
    if ((await disagreement(shorter, await playerOf(shorter))) !== undefined) ({ steps } = shorter);
  }
  const last = { ...game, steps };
  const remaining = await disagreement(last, await playerOf(last));
  return `${remaining}\nafter\n${steps.map((step) => `  ${JSON.stringify(step)}`).join('\n')}`;
}

const people = ['ana', 'bo', 'cy'];
const times = ['2026-02-01T00:00:00.000Z', '2026-02-02T00:00:00.000Z', '2026-02-03T00:00:00.000Z'];
const disputeDoings: readonly DisputeDoing[] = [
  'open',
  'request_evidence',
  'request_evidence',
  'submit_evidence',
  'submit_evidence',
  'win',
  'lose',
  'lose',
  'reopen',
  'reopen',
];

/** What can be done over HTTP; proposals and their ends are for the library alone so far. */
export const publicDoings: readonly Doing[] = [
  'report',
  'assign',
  'assign',
  'assign',
  'unassign',
  'force_match',
  'adjust_entry',
  'resolve',
  'dispatch',
  'dispatch',
  'dispatch',
  'callback',
  'callback',
  'callback',
  'callback',
  'recall',
  'recall',
  'dispute',
  'dispute',
  'dispute',
  ...disputeDoings,
];
export const allDoings: readonly Doing[] = [...publicDoings, 'propose', 'propose', 'confirm', 'return'];

/** Steps that make sense more often than not; which of them are refused is the model's to say. */
export function randomSteps(
  random: Randomness,
  length: number,
  doings: readonly Doing[],
  targets: readonly Target[],
): Step[] {
  const perhaps = <T extends object>(share: number, fields: () => T): Partial<T> =>
    random.next() < share ? fields() : {};
  return Array.from({ length }, (): Step => {
    const how = {
      actor: random.pick(people),
      ...perhaps(0.05, () => ({ preview: true })),
      ...perhaps(0.05, () => ({ stale: true })),
    };
    const what = random.pick(doings);
    // Most of the time resolving would come too early for anything else to happen.
    const resolves = what === 'force_match' || what === 'adjust_entry' || what === 'resolve';
    const doing = resolves && random.next() < 0.5 ? 'assign' : what;
    switch (doing) {
      case 'report':
        return { ...how, do: doing, severity: random.pick(['LOW', 'HIGH', 'CRITICAL'] as const) };
      case 'assign':
        return {
          ...how,
          do: doing,
          assignee: random.pick(people),
          ...perhaps(0.5, () => ({ dueAt: random.pick(times) })),
        };
      case 'adjust_entry':
        return {
          ...how,
          do: doing,
          amount: random.pick(['1.50', '3', '0', '0.0', '-2', '1.555']),
          currency: random.pick(['BRL', 'JPY', 'XXQ']),
        };
      case 'propose':
        return {
          ...how,
          do: doing,
          kind: random.pick(['force_match', 'adjust_entry', 'resolve'] as const),
          waitsFor: random.pick(['approval', 'ledger'] as const),
        };
      case 'return':
        return { ...how, do: doing, ...perhaps(0.5, () => ({ assignee: random.pick(people) })) };
      case 'dispatch':
        return { ...how, do: doing, target: random.pick(targets) };
      case 'callback':
        return {
          ...how,
          do: doing,
          system: random.pick(targets),
          issue: random.pick(['OPS-1', 'OPS-1', 'OPS-1', 'OPS-2']),
          status: random.pick(['OPEN', 'ASSIGNED', 'ASSIGNED', 'RESOLVED'] as const),
          assignee: random.pick(people),
          ...perhaps(0.6, () => ({ updatedAt: random.pick(times) })),
        };
      case 'dispute':
        return {
          ...how,
          do: doing,
          category: random.pick(['OTHER', 'BANK_FEE_ERROR'] as const),
          draft: random.next() < 0.4,
        };
      case 'open':
      case 'request_evidence':
      case 'submit_evidence':
      case 'win':
      case 'lose':
      case 'reopen':
        return { ...how, do: doing, dispute: random.below(3) };
      default:
        return { ...how, do: doing };
    }
  });
}

/** Of each cell of both tables the same rules with that cell wrong: what was refused is allowed, and the other way. */
export function wrongRules(rules: Rules): { name: string; rules: Rules }[] {
  const wrong = (table: 'moves' | 'disputeMoves', statuses: readonly string[]) =>
    Object.entries(rules[table]).flatMap(([command, row]) =>
      statuses.map((status) => {
        const { [status]: right, ...others } = row;
        const changed = right === undefined ? { ...others, [status]: status } : others;
        const name = `${command} in ${status} is ${right === undefined ? 'allowed' : 'refused'}`;
        return { name, rules: { ...rules, [table]: { ...rules[table], [command]: changed } } };
      }),
    );
  return [...wrong('moves', exceptionStatuses), ...wrong('disputeMoves', disputeStates)];
}

export const gamesAndSteps = (short: [number, number], long: [number, number]): [number, number] => [
  shortOrLong(short[0], long[0]),
  shortOrLong(short[1], long[1]),
];
