import {
  AdjustmentDesk,
  defaultPolicy,
  ExceptionDesk,
  timestamp,
  type Ports,
  type UnitOfWork,
} from '@redress/domain';
import type { Pool } from 'pg';
import {
  ConnectionResolver,
  AesVault,
  Connectors,
  CircuitBreakers,
  type Egress,
  type Ledger,
  DispatchRunner,
} from '@redress/connectors';
import { newId } from '../../../apps/api/src/ids';
import { Deadlines, InboundDesk, DispatchDesk } from '@redress/domain/integrations';
import { messageReader } from '@redress/formats';
import type { TenantPool } from '../../../libs/typeorm/src/database/tenant-pool';
import { dispatchTask } from '../../../libs/typeorm/src/jobs/job-spec';
import { deadlineTask } from '../../../libs/typeorm/src/jobs/deadline-jobs';
import { PostgresConnectionReads } from '../../../libs/typeorm/src/reads/postgres-connection-reads';
import { InboundUnitOfWork } from '../../../libs/typeorm/src/repositories/inbound-message.repository';
import { PostgresUnitOfWork } from '../../../libs/typeorm/src/unit-of-work/postgres-unit-of-work';
import { Life, type Failpoint } from './life';
import { tenantPoolOver, crashingPool } from './crashing-pool';

/** Time goes on when something waits for it. */
export class Clock {
  private time = Date.now();

  readonly now = (): Date => new Date(this.time);

  /** Never back. */
  reach(moment: Date): void {
    this.time = Math.max(this.time, moment.getTime());
  }

  inHours(hours: number): Date {
    return new Date(this.time + hours * 3_600_000);
  }
}

/** What the units of work of a process run over: the service's own, or a naive one that has to be found out. */
export type UnitsOfWork = (connections: TenantPool) => UnitOfWork;

const options = { replyHours: 24 };
export const theService: UnitsOfWork = (connections) => new PostgresUnitOfWork(connections, options);

/** What every process has in common; those that live on share their connections, for they are all the same. */
export type Surroundings = Readonly<{
  url: string;
  living: Pool;
  clock: Clock;
  egress: Egress;
  unitsOfWork?: UnitsOfWork | undefined;
}>;

export const vault = new AesVault(Buffer.alloc(32, 7));

type Task = (about: Readonly<{ tenant: string; id: string }>) => Promise<unknown>;

/** As much of a process of the service as people, ledgers and alarms get to, with nothing in it that outlives it. */
export class Process {
  readonly life: Life;
  readonly connections: TenantPool;
  readonly exceptions: ExceptionDesk;
  readonly adjustments: AdjustmentDesk;
  readonly dispatches: DispatchDesk;
  readonly inbound: InboundDesk;
  readonly tasks: Readonly<Record<string, Task>>;
  private readonly resolver: ConnectionResolver;
  readonly connectors: Connectors;
  private readonly pool: Pool | undefined;

  constructor(
    private readonly around: Surroundings,
    end?: Failpoint,
    meddle?: (step: string) => Promise<void>,
  ) {
    const { url, living, clock, unitsOfWork = theService } = around;
    this.life = new Life(end, meddle);
    this.pool = end && crashingPool(url, this.life);
    this.connections = tenantPoolOver(this.pool ?? living);
    const ports: Ports = { uow: unitsOfWork(this.connections), clock: clock.now, newId };
    this.exceptions = new ExceptionDesk(ports);
    this.adjustments = new AdjustmentDesk(ports);
    this.dispatches = new DispatchDesk(ports);
    const reads = new PostgresConnectionReads(this.connections);
    const inboundPorts = { ...ports, uow: new InboundUnitOfWork(this.connections, options) };
    this.connectors = new Connectors({ egress: around.egress, newId, json: messageReader });
    this.resolver = new ConnectionResolver(reads, vault, [], this.connectors, () => timestamp(clock.now()));
    this.inbound = new InboundDesk(inboundPorts, this.resolver, this.connectors, defaultPolicy);
    const provider = {
      ledger: (tenant: string) => this.toLedger(tenant),
      ticketSystem: async () => undefined,
    };
    // A breaker pauses by the wall clock, and here time passes otherwise, so these settings keep it closed.
    const breakers = new CircuitBreakers({ concurrency: 1, failures: 1000, pauseMs: 1 });
    const runner = new DispatchRunner(this.dispatches, provider, breakers);
    const deadlines = new Deadlines(this.exceptions, {
      scheduleJob: (_tenant, id) => Promise.reject(new Error(`the alarm of ${id} was set for another time`)),
      scheduleMissingDeadlines: async () => 0,
      expired: () => undefined,
    });
    this.tasks = {
      [deadlineTask]: ({ tenant, id }) => deadlines.runJob(tenant, id),
      [dispatchTask]: ({ tenant, id }) => runner.runJob(tenant, id),
    };
  }

  /** The way there: a request is a step as well. What it waits for may break, and it does not know what became of it. */
  async toLedger(tenant: string): Promise<Ledger | undefined> {
    const connection = await this.resolver.find(tenant, 'LEDGER');
    if (!connection) return undefined;
    const ledger = this.connectors.for(connection);
    return {
      test: (signal) => ledger.test(signal),
      post: (...asked) =>
        this.life
          .step('POST', () => ledger.post(...asked))
          .catch((error: unknown) => {
            if (this.life.isOver()) throw error;
            return { outcome: 'unknown', problem: (error as Error).message };
          }),
    };
  }

  async end(): Promise<void> {
    await this.pool?.end();
  }
}
