import type { Ports, UnitOfWork } from '@redress/domain';
import { newId } from '../ids';

/** The ports of a desk over this unit of work, with the clock and the ids of this process. */
export const portsOver = <Tx>(uow: UnitOfWork<Tx>): Ports<Tx> => ({ uow, clock: () => new Date(), newId });
