import type { Context } from '../change';
import { decideAll } from '../exception/exception';
import type { ExceptionChange } from '../exception/exception.change';
import type { ExceptionCommand } from '../exception/exception.lifecycle';
import type { Policy } from '../exception/policy';
import type { ReconException } from '../exception/recon-exception';
import type { LoadedException, Ports } from '../ports/stores';
import { ok, refuse, type Result } from '../result';
import type { Refusal } from '../refusal';
import { exceptionTarget, saveException, withUnresolved } from './targets';
import type { CommandMeta, ReplyCodec } from './command-meta';
import { atVersion, runOnce } from './use-case';

/** The commands for one of many exceptions; the list may be empty. */
export type Order = Readonly<{
  id: string;
  expectedVersion?: number;
  /** The commands for the exception as it was loaded, given in this order; or why there are none. */
  commands: (exception: ReconException) => Result<readonly ExceptionCommand[]>;
}>;

/** The outcome for one of many exceptions. */
export type Handled = Readonly<{ id: string; outcome: Result<ExceptionChange> }>;

/** Carries out orders in one unit of work; `refused` refuses all of them, once it is known that there is no earlier answer. */
export const handleMany = <A>(
  ports: Ports,
  policy: Policy,
  orders: readonly Order[],
  refused: Refusal | undefined,
  meta: CommandMeta<ReplyCodec<readonly Handled[], A>>,
): Promise<NoInfer<A>> =>
  runOnce(
    ports,
    meta,
    async (tx) => withUnresolved(tx, await tx.exceptions.loadAll(orders.map(({ id }) => id))),
    async (loaded, tx, ctx) => {
      if (refused) return refuse(refused);
      const found = new Map(loaded.map((entry) => [entry.exception.id, entry]));
      const handled = orders.map((order): Handled => {
        const entry = found.get(order.id.toLowerCase());
        return { id: order.id, outcome: carryOut(order, entry, ctx, policy) };
      });
      for (const { outcome } of handled) {
        if (outcome.ok && outcome.value.events.length) await saveException(tx, outcome.value);
      }
      return ok(handled);
    },
  );

function carryOut(
  order: Order,
  entry: LoadedException | undefined,
  ctx: Context,
  policy: Policy,
): Result<ExceptionChange> {
  if (!entry) return refuse(exceptionTarget(order.id).missing);
  const { exception, facts } = entry;
  const current = atVersion(order, exception.version);
  if (!current.ok) return current;
  const commands = order.commands(exception);
  return commands.ok ? decideAll(exception, commands.value, ctx, facts, policy) : commands;
}

/** Refuses all of a number that is not the one that a preview showed. */
export const unexpectedCount = (actual: number, expected: number | undefined): Refusal | undefined =>
  expected === undefined || expected === actual ? undefined : { code: 'unexpected_count', expected, actual };
