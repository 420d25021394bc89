import { type CommandMeta, type HistoryEvent, type Result } from '@redress/domain';
import { newId } from '../../../apps/api/src/ids';
import { toAdjustment, toException } from '../../../apps/api/src/persistence/rows';
import { flawsOf, type Books } from '../books';
import type { Owner } from '../owner';
import { Alarms } from './alarms';
import { everyWay, type Failpoint, type Life } from './life';
import { Clock, Process, theService, type UnitsOfWork } from './process';
import type { Doing, On, Scenario } from './scenarios';

const hour = 3_600_000;
/** Beyond every alarm that there is. */
const forEver = 10_000 * hour;

/** How it came out: the steps of the last process that was to die, whether it did, what is there, and what is wrong. */
export type Played = Readonly<{
  steps: readonly string[];
  struck: boolean;
  essence: string;
  flaws: readonly string[];
}>;

export type Crashing = Readonly<{ url: string; owner: Owner; unitsOfWork?: UnitsOfWork }>;

/** Plays a scenario in a tenant of its own, in one process after the other: each dies where it is told, the last lives. */
export async function play(
  { url, owner, unitsOfWork = theService }: Crashing,
  scenario: Scenario,
  ...ends: readonly Failpoint[]
): Promise<Played> {
  const [tenant, clock] = [`tenant-${newId()}`, new Clock()];
  const alarms = new Alarms(owner, tenant, clock);
  const on = await prepare(new Process(url, clock), owner, tenant, scenario);
  const until = new Date(clock.now().getTime() + (scenario.hours ?? 0.1) * hour);
  const lives: Life[] = [];
  const flaws: string[] = [];
  let answer: string | undefined;
  for (const end of [...ends, undefined]) {
    const process = new Process(url, clock, unitsOfWork, end);
    lives.push(process.life);
    try {
      answer ??= await asked(scenario.doing, process, on, tenant);
      await alarms.ring(process, until);
    } catch (error) {
      // What a process that died leaves undone is done by the next; a client who was told of a failure asks again there.
      if (!process.life.struck)
        flaws.push(`nothing came in its way, and it failed: ${(error as Error).message}`);
    } finally {
      await process.end();
    }
  }
  const last = new Process(url, clock, unitsOfWork);
  const again = await asked(scenario.doing, last, on, tenant).catch(String);
  const books = await booksOf(owner, tenant, alarms);
  flaws.push(...flawsOf(books));
  if (!isDone(answer)) flaws.push(`the client was told ${answer}`);
  if (again !== answer) flaws.push(`the client was told ${answer}, and then ${again}`);
  await alarms.ring(last, new Date(clock.now().getTime() + forEver));
  await last.end();
  const inTheEnd = await booksOf(owner, tenant, alarms);
  flaws.push(...flawsOf(inTheEnd).map((flaw) => `in the end, ${flaw}`));
  if (inTheEnd.exceptions.some(({ pending }) => pending)) flaws.push('something is pending for ever');
  const { steps, struck } = lives.at(-2) ?? lives[0]!;
  return { steps, struck, essence: essenceOf(books), flaws };
}

async function prepare(process: Process, owner: Owner, tenant: string, scenario: Scenario): Promise<On> {
  if (scenario.rules)
    await owner.rows(
      `INSERT INTO approval_policy (tenant_id, version, id, rules, created_at, created_by)
       VALUES ($1, 1, $2, $3, now(), 'ana')`,
      [tenant, newId(), JSON.stringify(scenario.rules)],
    );
  const report = { transactionId: newId(), reason: 'Mismatch' };
  const raised = await process.exceptions.raise(report, { tenant, actor: 'matcher' });
  const exceptionId = must(raised).state.id;
  const on = async (): Promise<On> => {
    const [row] = await owner.rows<{ id: string }>('SELECT id FROM adjustment WHERE exception_id = $1', [
      exceptionId,
    ]);
    return { exceptionId, adjustmentId: row?.id ?? '' };
  };
  for (const { actor, do: what } of scenario.before ?? [])
    must((await what(process, await on(), { tenant, actor })) as Result<unknown>);
  await process.end();
  return on();
}

/** What a client is told, the whole of it, who asks under one key. Undefined: nobody asked. */
async function asked(
  doing: Doing | undefined,
  process: Process,
  on: On,
  tenant: string,
): Promise<string | undefined> {
  if (!doing) return undefined;
  const { actor } = doing;
  const meta: CommandMeta = { tenant, actor, once: { key: `key of ${tenant}`, fingerprint: 'the same' } };
  return JSON.stringify(await doing.do(process, on, meta));
}

const isDone = (answer: string | undefined): boolean =>
  answer === undefined || (JSON.parse(answer) as Result<unknown>).ok;

async function booksOf(owner: Owner, tenant: string, alarms: Alarms): Promise<Books> {
  const all = (table: string) =>
    owner.rows(`SELECT * FROM ${table} WHERE tenant_id = $1 ORDER BY id`, [tenant]);
  const lines = await owner.rows<{ payload: string }>(
    'SELECT payload FROM history WHERE tenant_id = $1 ORDER BY exception_id, seq',
    [tenant],
  );
  return {
    exceptions: (await all('exception')).map(toException),
    history: lines.map(({ payload }) => JSON.parse(payload) as HistoryEvent),
    adjustments: (await all('adjustment')).map(toAdjustment),
    alarms: await alarms.set(),
  };
}

/** What there is, without what is different each time: ids and moments. */
function essenceOf({ exceptions, history, adjustments }: Books): string {
  const place = new Map(exceptions.map(({ id }, i) => [id, i]));
  return JSON.stringify({
    exceptions: exceptions.map(({ status, version, pending, proposal, resolutionType, resolvedBy }) => [
      ...[status, version, pending, resolutionType, resolvedBy],
      ...(proposal?.approvals ?? []).map(({ by }) => by),
    ]),
    history: history.map(({ exceptionId, type, actor }) => [place.get(exceptionId), type, actor]),
    adjustments: adjustments.map(({ amount, direction, reverses, createdBy }) => [
      ...[amount.amount, amount.currency, direction, createdBy, reverses !== undefined],
    ]),
  });
}

/**
 * Every failpoint of a scenario: its steps are found out by dying at one after the other, until there is none. Where
 * several deaths are asked for, whoever takes over dies as well, at each of its own steps.
 */
export async function everyCrash(
  crashing: Crashing,
  scenario: Scenario,
  deaths = 1,
): Promise<{ covered: string[]; flaws: string[] }> {
  const undisturbed = await play(crashing, scenario);
  const covered: string[] = [];
  const flaws = undisturbed.flaws.map((flaw) => `undisturbed: ${flaw}`);
  const die = async (before: readonly Failpoint[], told: readonly string[]): Promise<void> => {
    for (const ways of everyWay) {
      for (let step = 1; ; step++) {
        const ends = [...before, { step, ...ways }];
        const played = await play(crashing, scenario, ...ends);
        if (!played.struck) break;
        const where = [...told, `${ways.how} ${ways.when} ${step}, ${played.steps[step - 1]}`];
        if (!before.length) covered.push(where.join());
        const isOther = played.essence !== undisturbed.essence;
        const left = isOther ? [`left ${played.essence} and not ${undisturbed.essence}`] : [];
        flaws.push(...[...played.flaws, ...left].map((flaw) => `${where.join('; ')}: ${flaw}`));
        if (ends.length < deaths) await die(ends, where);
      }
    }
  };
  await die([], []);
  return { covered, flaws };
}

function must<T>(outcome: Result<T>): T {
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.refusal));
  return outcome.value;
}
