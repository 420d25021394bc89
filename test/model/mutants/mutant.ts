import type { Result, Session, UnitOfWork } from '@redress/domain';
import type { ContractCase } from '@redress/domain/testing';

/** A method that breaks one promise of its port, made from the one that keeps it. */
export type Mutant<Port, Method extends keyof Port> = (kept: Port[Method], port: Port) => Port[Method];

/** At least one mutant for every method of a port, each named by what it does wrong. A method without any does not compile. */
export type MutantsOf<Port> = {
  readonly [Method in keyof Port]-?: readonly [Named<Port, Method>, ...Named<Port, Method>[]];
};
type Named<Port, Method extends keyof Port> = readonly [wrong: string, mutant: Mutant<Port, Method>];

type Method = (...args: never[]) => Promise<unknown>;

/** A method that does something else with the result. */
export const andThen =
  <M extends Method>(change: (result: Awaited<ReturnType<M>>, ...args: Parameters<M>) => unknown) =>
  (kept: M): M =>
    (async (...args: Parameters<M>) =>
      change((await kept(...args)) as Awaited<ReturnType<M>>, ...args)) as unknown as M;

/** A method that is asked something else. */
export const askedFor =
  <M extends Method>(change: (...args: Parameters<M>) => readonly unknown[]) =>
  (kept: M): M =>
    (async (...args: Parameters<M>) => kept(...(change(...args) as Parameters<M>))) as unknown as M;

/** A method that does nothing. */
export const idle = <M extends Method>(_kept: M): M => (async () => undefined) as unknown as M;

/** A method that takes no text but the form of a UUID, as a column of a database would. */
export const pedantic = <M extends Method>(kept: M): M =>
  (async (...args: Parameters<M>) => {
    const texts = (args as readonly unknown[]).flat().map((arg) => (typeof arg === 'string' ? arg : ''));
    if (texts.some((text) => text !== '' && !/^[0-9a-f-]{36}$/i.test(text))) throw new Error('invalid uuid');
    return kept(...args);
  }) as unknown as M;

/** A port with one method that is broken. */
export function broken<Port extends object>(
  port: Port,
  method: keyof Port,
  mutant: (kept: never, port: Port) => unknown,
): Port {
  const bound = (name: keyof Port): unknown => {
    const value = port[name];
    return typeof value === 'function' ? value.bind(port) : value;
  };
  const wrong = mutant(bound(method) as never, port);
  return new Proxy(port, { get: (_, name) => (name === method ? wrong : bound(name as keyof Port)) });
}

/** Every mutant of a table: its name, and how it breaks a port. */
export const each = <Port extends object>(
  mutants: MutantsOf<Port>,
): readonly (readonly [string, (port: Port) => Port])[] =>
  (Object.keys(mutants) as (keyof Port)[]).flatMap((method) =>
    mutants[method].map(
      ([wrong, mutant]) =>
        [`${String(method)} ${wrong}`, (port: Port) => broken(port, method, mutant)] as const,
    ),
  );

/** A unit of work whose transactions are broken on their way to the work. */
export const withTransactions = <Tx>(uow: UnitOfWork<Tx>, breaking: (tx: Tx) => Tx): UnitOfWork<Tx> => ({
  run: <T>(session: Session, work: (tx: Tx) => Promise<Result<T>>) =>
    uow.run(session, (tx) => work(breaking(tx))),
});

/** The first case that finds an adapter out; undefined when none does. */
export async function foundOutBy(contract: readonly ContractCase[]): Promise<string | undefined> {
  const isLong = ({ name }: ContractCase) => Number(name.includes('hundred'));
  for (const { name, run } of [...contract].sort((a, b) => isLong(a) - isLong(b))) {
    try {
      await run();
    } catch {
      return name;
    }
  }
  return undefined;
}
