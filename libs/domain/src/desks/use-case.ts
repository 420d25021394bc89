import type { Context } from '../change';
import type { Ports, Reply, ReplyStore, Session, Transaction } from '../ports/stores';
import type { Refusal } from '../refusal';
import { ok, refuse, type Result } from '../result';
import { laterBy, timestamp } from '../value/timestamp';
import { replyCodecOf, type CommandMeta, type ReplyCodec } from './command-meta';

type WithReplies = Readonly<{ replies: ReplyStore }>;

/**
 * Runs one use case, which is load, then decide and save, once per idempotency key. The same key with the same fingerprint
 * gives the first answer again, be it a refusal; with another fingerprint it is refused. A malformed command leaves no
 * trace, so its key stays usable. Services use it for commands of their own, too, over transactions of their own.
 */
export async function runOnce<L, T, A = Result<T>, Tx extends WithReplies = Transaction>(
  { uow, clock, newId }: Ports<Tx>,
  meta: CommandMeta<ReplyCodec<T, A>>,
  load: (tx: Tx) => Promise<L>,
  work: (loaded: L, tx: Tx, ctx: Context) => Promise<Result<T>>,
): Promise<NoInfer<A>> {
  const { tenant, actor } = meta;
  const codec = replyCodecOf(meta);
  const request = keptRequest(meta);
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
            ? codec.present(refuse({ code: 'request_in_progress' }))
            : codec.decode(earlier.answer)
          : codec.present(refuse({ code: 'idempotency_key_reused' }));
      return ok(undefined);
    }
    const outcome = await work(loaded, tx, { actor, now: timestamp(clock()), newId });
    answer = codec.present(outcome);
    const malformed = !outcome.ok && outcome.refusal.code === 'invalid_value';
    if (request && !malformed) {
      const provisionalForMs = outcome.ok ? codec.provisionalForMs?.(outcome.value) : undefined;
      await tx.replies.remember({
        fingerprint: request.fingerprint,
        answer: codec.encode(answer),
        ...(provisionalForMs !== undefined && {
          provisionalUntil: laterBy(timestamp(clock()), provisionalForMs),
        }),
      });
    }
    return outcome;
  });
  // `work` has run at least once when `run` returns, so there is an answer.
  return answer as A;
}

/** A preview is not remembered: its key is still good for the real request. */
const keptRequest = ({ preview, idempotency }: CommandMeta<unknown>): CommandMeta['idempotency'] =>
  preview ? undefined : idempotency;

/**
 * Replaces the provisional answer by the final one. When its time is over, the answer that was kept is returned instead,
 * since another request may have got it already.
 */
export async function settle<T, A>(
  { uow, clock }: Ports,
  meta: CommandMeta<ReplyCodec<T, A>>,
  answer: A,
): Promise<A> {
  const request = keptRequest(meta);
  if (!request) return answer;
  const codec = replyCodecOf(meta);
  let settled = answer;
  await uow.run({ tenant: meta.tenant, replyKey: request.key }, async (tx) => {
    const kept = await tx.replies.find();
    if (kept && !isProvisional(kept, clock())) settled = codec.decode(kept.answer);
    else {
      settled = answer;
      if (kept) await tx.replies.settle(codec.encode(answer));
    }
    return ok(undefined);
  });
  return settled;
}

/** Whether the request it answers is still being answered. */
export const isProvisional = ({ provisionalUntil }: Reply, now: Date): boolean =>
  provisionalUntil !== undefined && provisionalUntil > timestamp(now);

/** Optimistic locking: refuses a command whose `expectedVersion` is not the present version. */
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

/** A command to one aggregate: load it, check its expected version, decide, save. */
export const change = <L, C, A>(
  ports: Ports,
  meta: CommandMeta<ReplyCodec<C, A>>,
  { load, missing, version, decide, save }: Steps<L, C>,
): Promise<NoInfer<A>> =>
  runOnce(ports, meta, load, async (loaded, tx, ctx) => {
    if (loaded === undefined) return refuse(missing);
    const current = atVersion(meta, version(loaded));
    if (!current.ok) return current;
    const decided = decide(loaded, ctx);
    if (decided.ok) await save(tx, decided.value);
    return decided;
  });

/** Reads what a command would decide on. Refused as `not_found` when the tenant has none with this id. */
export const find = <L>(
  { uow }: Ports,
  tenant: string,
  { load, missing }: Pick<Steps<L, never>, 'load' | 'missing'>,
): Promise<Result<L>> =>
  uow.run({ tenant }, async (tx) => {
    const loaded = await load(tx);
    return loaded === undefined ? refuse(missing) : ok(loaded);
  });
