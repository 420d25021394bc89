import { ok, refuse, type Result } from './result';

/**
 * status → command → next status. A lifecycle is data; rules, tests, documents and SQL checks read it.
 * Where the aggregate's own state picks one of several next statuses, they are listed.
 */
export type Lifecycle<S extends string, C extends string> = Readonly<{
  initial: readonly S[];
  moves: Readonly<Record<S, Readonly<Partial<Record<C, S | readonly S[]>>>>>;
}>;

/** The types of the commands that have members beside their type. */
export type CommandWithFields<Command extends Readonly<{ type: string }>> = Command extends unknown
  ? keyof Command extends 'type'
    ? never
    : Command['type']
  : never;

/** The statuses of a lifecycle, in the order of the table. */
export const statuses = <S extends string>(l: Lifecycle<S, string>): S[] => Object.keys(l.moves) as S[];

/** The commands that are possible in a status, in the order of the table. */
export const commandsFrom = <S extends string, C extends string>(l: Lifecycle<S, C>, status: S): C[] =>
  Object.keys(l.moves[status]) as C[];

/** Every command of the lifecycle, in the order in which the table first names it. */
export const commands = <S extends string, C extends string>(l: Lifecycle<S, C>): C[] => [
  ...new Set(statuses(l).flatMap((status) => commandsFrom(l, status))),
];

/** The statuses a command may lead to; empty when the table has no such move. */
export function nextStatuses<S extends string, C extends string>(
  l: Lifecycle<S, C>,
  status: S,
  command: C,
): readonly S[] {
  const moves = l.moves[status];
  return ([] as S[]).concat((Object.hasOwn(moves, command) && moves[command]) || []);
}

/** The lifecycle table's answer to a command, which every decision starts with. */
export function move<S extends string, C extends string>(
  l: Lifecycle<S, C>,
  status: S,
  command: C,
): Result<readonly S[]> {
  const next = nextStatuses(l, status, command);
  return next.length
    ? ok(next)
    : refuse({ code: 'not_allowed', command, status, allowed: commandsFrom(l, status) });
}

/** Whether no command is possible in a status. */
export const isTerminal = <S extends string>(l: Lifecycle<S, string>, status: S): boolean =>
  commandsFrom(l, status).length === 0;

/** Statuses that no sequence of commands leads to; a sound table has none. */
export function unreachable<S extends string, C extends string>(l: Lifecycle<S, C>): S[] {
  const seen = new Set<S>(l.initial);
  for (const from of seen)
    for (const command of commandsFrom(l, from))
      for (const to of nextStatuses(l, from, command)) seen.add(to);
  return statuses(l).filter((status) => !seen.has(status));
}

/** The table as a Mermaid state diagram: what `docs/lifecycles.md` shows. */
export function toMermaid<S extends string, C extends string>(l: Lifecycle<S, C>): string {
  const edges = statuses(l).flatMap((from) =>
    commandsFrom(l, from).flatMap((command) =>
      nextStatuses(l, from, command).map((to) => `  ${from} --> ${to}: ${command}`),
    ),
  );
  const ends = statuses(l).filter((status) => isTerminal(l, status));
  return [
    'stateDiagram-v2',
    ...l.initial.map((status) => `  [*] --> ${status}`),
    ...edges,
    ...ends.map((status) => `  ${status} --> [*]`),
  ].join('\n');
}
