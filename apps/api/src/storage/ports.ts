import type { Ports, UnitOfWork } from '@redress/domain';
import type { Config } from '../config/config';
import { newId } from '../ids';
import type { Metrics } from '../observability/metrics';
import type { UnitOfWorkOptions } from '@redress/typeorm';

export const portsOver = <Tx>(uow: UnitOfWork<Tx>): Ports<Tx> => ({ uow, clock: () => new Date(), newId });

export const unitsOfWork = (config: Config, metrics: Metrics): UnitOfWorkOptions => ({
  replyHours: config.idempotencyTtlHours,
  onRetry: () => metrics.retriedCommit(),
});
