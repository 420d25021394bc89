import type { Ports, UnitOfWork } from '@redress/domain';
import { newId } from '../ids';

/** The ports of a desk over a unit of work and the clock of its store, with the ids of this process. */
export const portsOver = <Tx>(uow: UnitOfWork<Tx>, clock: () => Date): Ports<Tx> => ({ uow, clock, newId });
