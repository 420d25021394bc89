import type { DataSource } from 'typeorm';
import type { CommandMeta, HistoryEvent, Result } from '@redress/domain';
import type { Pool } from 'pg';
import { newId } from '../../../apps/api/src/ids';
import { toAdjustment, toDispatch, toException } from '../../../libs/typeorm/src/entities/mapping';
import { flawsOf, type Books, type Match } from '../books';
import type { FakeLedger } from '../fake-ledger';
import { ledgerFlaws } from '../ledger-books';
import type { Owner } from '../owner';
import { ScheduledJobs } from './scheduled-jobs';
import type { HttpLedger } from './http-ledger';
import { LedgerLine } from './ledger-line';
import type { Failpoint, Life } from './life';
import { publishingFlaws, subscribe } from './publishing';
import { Clock, Process, type Surroundings, type UnitsOfWork } from './process';
import { isWait, type On, type Scenario } from './scenarios';

/** Where it is played. */
export type Stage = Readonly<{
  url: string;
  /** Connections for processes that nothing comes in the way of. */
  living: Pool;
  dataSource: DataSource;
  owner: Owner;
  ledger: HttpLedger;
  unitsOfWork?: UnitsOfWork;
}>;

/** How it came out: the steps of the last process that was to die, whether it did, what is there, and what is wrong. */
export type Played = Readonly<{
  steps: readonly string[];
  struck: boolean;
  /** How often the client had to ask until it was told. */
  asks: number;
  essence: string;
  flaws: readonly string[];
}>;

/** How long the alarms are waited for, in hours: as long as nothing goes wrong, and until all has been mended. */
const soon = 10 / 3600;
const patience = 1;
/** Beyond every alarm that there is, in hours. */
const forEver = 10_000;

/** Plays a scenario in a tenant of its own, in one process after the other: each dies where it is told, the last lives. */
export async function play(stage: Stage, scenario: Scenario, ...ends: readonly Failpoint[]): Promise<Played> {
  const one = new Play(stage, scenario);
  await one.prepare();
  const { hours = soon } = scenario;
  const lives: Life[] = [];
  for (const end of ends) lives.push(await one.live(lives.length ? Math.max(hours, patience) : hours, end));
  lives.push(await one.live(Math.max(hours, patience)));
  await one.examine();
  const { steps, struck } = lives.at(-2) ?? lives[0]!;
  return { steps, struck, asks: one.asks, essence: one.essence, flaws: one.flaws };
}

class Play {
  readonly flaws: string[] = [];
  essence = '';
  asks = 0;
  private readonly tenant = `tenant-${newId()}`;
  private readonly clock = new Clock();
  private readonly around: Surroundings;
  private readonly alarms: ScheduledJobs;
  private readonly ledger: FakeLedger;
  private line: LedgerLine | undefined;
  private on: On = { exceptionId: '', adjustmentId: '', postingId: '' };
  private began = this.clock.now();
  private answer: string | undefined;
  private racesLeft: number;

  constructor(
    private readonly stage: Stage,
    private readonly scenario: Scenario,
  ) {
    const { url, living, owner, ledger, unitsOfWork } = stage;
    this.around = { url, living, clock: this.clock, egress: ledger.egress, unitsOfWork };
    this.alarms = new ScheduledJobs(owner, this.tenant, this.clock);
    this.racesLeft = scenario.lostRaces ?? 0;
    this.ledger = ledger.open(this.tenant, scenario.ledger ?? []);
  }

  /** What was done before, undisturbed. */
  async prepare(): Promise<void> {
    const { rules, ledger, before = [] } = this.scenario;
    const process = new Process({ ...this.around, unitsOfWork: undefined });
    await subscribe(this.stage.owner, this.tenant);
    if (rules)
      await this.stage.owner.rows(
        `INSERT INTO approval_policy (tenant_id, version, id, rules, created_at, created_by)
         VALUES ($1, 1, $2, $3, now(), 'ana')`,
        [this.tenant, newId(), JSON.stringify(rules)],
      );
    if (ledger) {
      const url = this.stage.ledger.urlOf(this.tenant);
      this.line = await LedgerLine.connect(this.stage.dataSource, process, this.clock, this.tenant, url);
    }
    const report = { transactionId: newId(), reason: 'Mismatch', amount: '100', currency: 'EUR' };
    const raised = await process.exceptions.raise(report, { tenant: this.tenant, actor: 'matcher' });
    this.on = { ...this.on, exceptionId: must(raised).state.id };
    for (const one of before) {
      if (isWait(one)) await this.wait(process, one.hours);
      else
        must((await one.do(process, this.on, { tenant: this.tenant, actor: one.actor })) as Result<unknown>);
      await this.lookUp();
    }
    await process.end();
    this.began = this.clock.now();
  }

  /** As far as one process gets with it: the client is answered, the ledger is heard, and what is due is done. */
  async live(hours: number, end?: Failpoint): Promise<Life> {
    const process = new Process(this.around, end, (step) => this.meddle(step));
    try {
      if (this.scenario.doing && this.answer === undefined) {
        this.asks++;
        this.answer = await this.ask(process);
      }
      await this.alarms.ring(process, this.clock.now());
      await this.hear(process);
      await this.alarms.ring(process, new Date(this.began.getTime() + hours * 3_600_000));
      await this.hear(process);
    } catch (error) {
      // What a process that died leaves undone is done by the next; a client who was told of a failure asks again there.
      if (!process.life.struck)
        this.flaws.push(`nothing came in its way, and it failed: ${(error as Error).message}`);
    } finally {
      await process.end();
    }
    return process.life;
  }

  /** A concurrent write wins the race: the matching engine has seen it again. */
  private async meddle(step: string): Promise<void> {
    // No other transaction wins against the holder of the lock.
    if (step === 'BEGIN') this.racesLeft = 0;
    if (step !== 'commit' || this.racesLeft-- <= 0) return;
    await this.stage.owner.rows('UPDATE exception SET seen_count = seen_count + 1 WHERE id = $1', [
      this.on.exceptionId,
    ]);
  }

  /** What there is once all have been answered; and once all that was waited for has come or gone back. */
  async examine(): Promise<void> {
    const process = new Process(this.around);
    const again = await this.ask(process).catch(String);
    if (again !== this.answer) this.flaws.push(`the client was told ${this.answer}, and then ${again}`);
    if (this.answer !== undefined && !(JSON.parse(this.answer) as Result<unknown>).ok)
      this.flaws.push(`the client was told ${this.answer}`);
    await this.look('');
    await this.wait(process, forEver);
    for (const telling of this.ledger.tellings) {
      const received = await this.line?.tell(process, telling);
      if (received !== 'duplicate') this.flaws.push(`what the ledger told before is ${received}`);
    }
    await process.end();
    const { exceptions } = await this.look('in the end, ');
    if (exceptions.some(({ pending, flaggedAt }) => pending && !flaggedAt))
      this.flaws.push('something is pending for ever');
    await this.alarms.clear();
  }

  /** A client asks under one key, and is told the whole of it. */
  private async ask(process: Process): Promise<string | undefined> {
    const { doing } = this.scenario;
    if (!doing) return undefined;
    const idempotency = { key: `key of ${this.tenant}`, fingerprint: 'the same' };
    const meta: CommandMeta = { tenant: this.tenant, actor: doing.actor, idempotency };
    return JSON.stringify(await doing.do(process, this.on, meta));
  }

  /** What the ledger tells by itself, until it is told that it was heard. */
  private async hear(process: Process): Promise<void> {
    for (const telling of this.ledger.tellings) await this.line?.tellOnce(process, telling);
  }

  private async wait(process: Process, hours: number): Promise<void> {
    const until = this.clock.inHours(hours);
    await this.alarms.ring(process, until);
    this.clock.reach(until);
  }

  private async lookUp(): Promise<void> {
    const [adjustment] = await this.all('adjustment');
    const [posting] = await this.all('dispatch');
    const { exceptionId } = this.on;
    this.on = {
      exceptionId,
      adjustmentId: (adjustment?.['id'] as string | undefined) ?? '',
      postingId: (posting?.['id'] as string | undefined) ?? '',
    };
  }

  private async look(when: string): Promise<Books> {
    const books = await this.books();
    const postings = (await this.all('dispatch')).map(toDispatch);
    const flaws = [
      ...flawsOf(books),
      ...ledgerFlaws(books, postings, this.ledger.entries),
      ...(await publishingFlaws(this.stage.owner, this.tenant)),
    ];
    this.flaws.push(...flaws.map((flaw) => when + flaw));
    this.essence ||= essenceOf(books, this.ledger);
    return books;
  }

  private async books(): Promise<Books> {
    const lines = await this.stage.owner.rows<{ payload: string }>(
      'SELECT payload FROM history WHERE tenant_id = $1 ORDER BY exception_id, seq',
      [this.tenant],
    );
    const history = lines.map(({ payload }) => JSON.parse(payload) as HistoryEvent);
    const { rules = [] } = this.scenario;
    return {
      exceptions: (await this.all('exception')).map(toException),
      history,
      adjustments: (await this.all('adjustment')).map(toAdjustment),
      matches: (await this.all('forced_match')).map(
        ({ exception_id: exceptionId, ...row }) => ({ ...row, exceptionId }) as unknown as Match,
      ),
      alarms: await this.alarms.set(),
      rules: new Map(history.map(({ id }) => [id, rules])),
    };
  }

  private all(table: string) {
    return this.stage.owner.rows(`SELECT * FROM ${table} WHERE tenant_id = $1 ORDER BY id`, [this.tenant]);
  }
}

/** What there is, without what is different each time: ids and moments, and who brought the ledger's answer. */
function essenceOf({ exceptions, history, adjustments, matches }: Books, { entries }: FakeLedger): string {
  const place = new Map(exceptions.map(({ id }, i) => [id, i]));
  return JSON.stringify({
    exceptions: exceptions.map(
      ({ status, version, pending, proposal, flaggedAt, resolutionType, resolvedBy }) => [
        ...[status, version, pending, flaggedAt !== undefined, resolutionType, resolvedBy],
        ...(proposal?.approvals ?? []).map(({ by }) => by),
      ],
    ),
    history: history.map(({ exceptionId, type, actor }) => [
      ...[place.get(exceptionId), type],
      actor.includes(':') ? 'nobody' : actor,
    ]),
    adjustments: adjustments.map(({ amount, direction, reverses, createdBy }) => [
      ...[amount.amount, amount.currency, direction, createdBy, reverses !== undefined],
    ]),
    matches: matches.map(({ counterparts, residuals }) => [counterparts, residuals]),
    ledger: entries.map(({ posting: { type, requestedBy } }) => [type, requestedBy]),
  });
}

function must<T>(outcome: Result<T>): T {
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.refusal));
  return outcome.value;
}
