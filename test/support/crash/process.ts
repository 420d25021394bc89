import { AdjustmentDesk, ExceptionDesk, type Ports } from '@redress/domain';
import { newId } from '../../../apps/api/src/ids';
import { ProposalExpiry } from '../../../apps/api/src/jobs/proposal-expiry';
import type { Connections } from '../../../apps/api/src/persistence/connections';
import { expiryTask } from '../../../apps/api/src/persistence/exception-writes';
import { PostgresUnitOfWork } from '../../../apps/api/src/persistence/postgres-unit-of-work';
import { Life, type Failpoint } from './life';
import { connectionsOver, mortalPool } from './mortal-pool';

/** Time goes on when something waits for it. */
export class Clock {
  private time = Date.now();

  readonly now = (): Date => new Date(this.time);

  /** Never back. */
  reach(moment: Date): void {
    this.time = Math.max(this.time, moment.getTime());
  }
}

/** What the units of work of a process run over: the service's own, or a naive one that has to be found out. */
export type UnitsOfWork = (connections: Connections) => Ports['uow'];

export const theService: UnitsOfWork = (connections) =>
  new PostgresUnitOfWork(connections, { replyHours: 24 });

type Task = (about: Readonly<{ tenant: string; id: string }>) => Promise<unknown>;

/** As much of a process of the service as people and alarms get to, with nothing in it that outlives it. */
export class Process {
  readonly life: Life;
  readonly exceptions: ExceptionDesk;
  readonly adjustments: AdjustmentDesk;
  readonly tasks: Readonly<Record<string, Task>>;
  private readonly pool;

  constructor(url: string, clock: Clock, unitsOfWork: UnitsOfWork = theService, end?: Failpoint) {
    this.life = new Life(end);
    this.pool = mortalPool(url, this.life);
    const ports: Ports = { uow: unitsOfWork(connectionsOver(this.pool)), clock: clock.now, newId };
    this.exceptions = new ExceptionDesk(ports);
    this.adjustments = new AdjustmentDesk(ports);
    const proposals = new ProposalExpiry(this.exceptions, () => undefined);
    this.tasks = { [expiryTask]: ({ tenant, id }) => proposals.alarm(tenant, id) };
  }

  end(): Promise<void> {
    return this.pool.end();
  }
}
