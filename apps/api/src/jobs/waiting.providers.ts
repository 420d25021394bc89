import type { Provider } from '@nestjs/common';
import { ExceptionDesk } from '@redress/domain';
import type { DataSource } from 'typeorm';
import { Deadlines } from './deadlines';
import { Metrics } from '../observability/metrics';
import { deadlineJob, scheduleJob, scheduleMissingDeadlines } from '@redress/typeorm';

/** What waits does not wait unseen. */
export const waiting = (dataSource: DataSource): Provider => ({
  provide: Deadlines,
  inject: [ExceptionDesk, Metrics],
  useFactory: (desk: ExceptionDesk, metrics: Metrics) =>
    new Deadlines(desk, {
      scheduleJob: (tenant, id, at) => scheduleJob(dataSource, deadlineJob(tenant, id, at)),
      scheduleMissingDeadlines: () => scheduleMissingDeadlines(dataSource, desk.policy),
      expired: () => metrics.expiredProposal(),
    }),
});
