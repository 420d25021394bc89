import type { Provider } from '@nestjs/common';
import { ExceptionDesk, Deadlines } from '@redress/domain';
import type { DataSource } from 'typeorm';
import { Metrics } from '../observability/metrics';
import { deadlineAlarm, setAlarm, setMissingAlarms } from '@redress/typeorm';

/** What waits does not wait unseen. */
export const waiting = (dataSource: DataSource): Provider => ({
  provide: Deadlines,
  inject: [ExceptionDesk, Metrics],
  useFactory: (desk: ExceptionDesk, metrics: Metrics) =>
    new Deadlines(desk, {
      setAlarm: (tenant, id, at) => setAlarm(dataSource, deadlineAlarm(tenant, id, at)),
      setMissingAlarms: (policy) => setMissingAlarms(dataSource, policy),
      expired: () => metrics.expiredProposal(),
    }),
});
