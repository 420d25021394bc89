import type { Context } from '../change';
import type { Ports, Reply, ReplyStore, Session, Transaction } from '../ports/stores';
import type { Refusal } from '../refusal';
import { ok, refuse, type Result } from '../result';
import { laterBy, timestamp } from '../value/timestamp';

/** Who gives a command, for which tenant, and under which conditions. */
export type CommandMeta = Readonly<{
  tenant: string;
  actor: string;
  /** Refuse unless the aggregate is at this version. */
  expectedVersion?: number;
  /** Tell what would happen, and do nothing. */
  preview?: boolean;
  /** `key` names one logical request of one caller; `fingerprint` says what was asked, so that reuse is noticed. */
  once?: Readonly<{ key: string; fingerprint: string }>;
}>;

/**
 * How an outcome becomes an answer, and an answer becomes text that can be kept and sent again. An HTTP service keeps
 * the exact bytes it sent. Without one, the outcome itself is the answer.
 */
export type Answering<T, A> = Readonly<{
  answer: (outcome: Result<T>) => A;
  keep: (answer: A) => string;
  /** How long the request goes on after the commit: until then the answer is provisional. See `settle`. */
  settlesWithinMs?: (value: T) => number | undefined;
  /** Back from what was kept; the place to mark an answer as replayed. */
  replay: (kept: string) => A;
}>;

/** Outcomes are plain JSON, so they can be kept as they are. */
const plain: Answering<unknown, unknown> = {
  answer: (outcome) => outcome,
  keep: (answer) => JSON.stringify(answer),
  replay: (kept) => JSON.parse(kept) as unknown,
};

type Replying = Readonly<{ replies: ReplyStore }>;

/**
 * One use case: load, then decide and save, once per idempotency key. Same key and same request: the first answer
 * again, be it a refusal. Same key and another request: refused. What is malformed leaves no trace, so the key stays
 * usable. Services use it for commands of their own, too, over transactions of their own.
 */
export async function once<L, T, A = Result<T>, Tx extends Replying = Transaction>(
  { uow, clock, newId }: Ports<Tx>,
  meta: CommandMeta,
  load: (tx: Tx) => Promise<L>,
  work: (loaded: L, tx: Tx, ctx: Context) => Promise<Result<T>>,
  // Without an answering, A is Result<T>, which is what `plain` answers.
  answering: Answering<T, A> = plain as unknown as Answering<T, A>,
): Promise<NoInfer<A>> {
  const { tenant, actor } = meta;
  // A preview is no request to remember: the same key is still good for the real one.
  const request = meta.preview ? undefined : meta.once;
  const session: Session = {
    tenant,
    ...(request && { replyKey: request.key }),
    ...(meta.preview && { dryRun: true }),
  };
  let answer: A | undefined;
  await uow.run(session, async (tx) => {
    // Loading comes first: a store brings the reply along in the same round trip.
    const loaded = await load(tx);
    const earlier = request && (await tx.replies.find());
    if (earlier) {
      answer =
        earlier.fingerprint === request.fingerprint
          ? isProvisional(earlier, clock())
            ? answering.answer(refuse({ code: 'request_in_progress' }))
            : answering.replay(earlier.answer)
          : answering.answer(refuse({ code: 'idempotency_key_reused' }));
      return ok(undefined);
    }
    const outcome = await work(loaded, tx, { actor, now: timestamp(clock()), newId });
    answer = answering.answer(outcome);
    const malformed = !outcome.ok && outcome.refusal.code === 'invalid_value';
    if (request && !malformed) {
      const goesOn = outcome.ok ? answering.settlesWithinMs?.(outcome.value) : undefined;
      await tx.replies.remember({
        fingerprint: request.fingerprint,
        answer: answering.keep(answer),
        ...(goesOn !== undefined && { provisionalUntil: laterBy(timestamp(clock()), goesOn) }),
      });
    }
    return outcome;
  });
  // `work` has run at least once when `run` returns, so there is an answer.
  return answer as A;
}

/**
 * The final answer in place of the provisional one. Who comes too late gets what was kept, since others may have got
 * it already.
 */
export async function settle<T, A>(
  { uow, clock }: Ports,
  meta: CommandMeta,
  answer: A,
  answering: Answering<T, A>,
): Promise<A> {
  const request = meta.preview ? undefined : meta.once;
  if (!request) return answer;
  let settled = answer;
  await uow.run({ tenant: meta.tenant, replyKey: request.key }, async (tx) => {
    const kept = await tx.replies.find();
    if (kept && !isProvisional(kept, clock())) settled = answering.replay(kept.answer);
    else {
      settled = answer;
      if (kept) await tx.replies.settle(answering.keep(answer));
    }
    return ok(undefined);
  });
  return settled;
}

/** Whether the request it answers is still being answered. */
export const isProvisional = ({ provisionalUntil }: Reply, now: Date): boolean =>
  provisionalUntil !== undefined && provisionalUntil > timestamp(now);

/** Refuses a command that was meant for another version. */
export const atVersion = (meta: Pick<CommandMeta, 'expectedVersion'>, actual: number): Result<void> =>
  meta.expectedVersion === undefined || meta.expectedVersion === actual
    ? ok(undefined)
    : refuse({ code: 'stale_version', expected: meta.expectedVersion, actual });

/** The parts of a command to one thing that is there; the order in which they are asked is that of `change`. */
type Steps<L, C> = Readonly<{
  load: (tx: Transaction) => Promise<L | undefined>;
  missing: Refusal;
  version: (loaded: L) => number;
  decide: (loaded: L, ctx: Context) => Result<C>;
  save: (tx: Transaction, change: C) => Promise<void>;
}>;

/** A command to one thing: it has to be there, and at the version that was meant; then it is decided, and saved. */
export const change = <L, C, A>(
  ports: Ports,
  meta: CommandMeta,
  { load, missing, version, decide, save }: Steps<L, C>,
  answering: Answering<C, A> | undefined,
): Promise<NoInfer<A>> =>
  once(
    ports,
    meta,
    load,
    async (loaded, tx, ctx) => {
      if (loaded === undefined) return refuse(missing);
      const current = atVersion(meta, version(loaded));
      if (!current.ok) return current;
      const decided = decide(loaded, ctx);
      if (decided.ok) await save(tx, decided.value);
      return decided;
    },
    answering,
  );
