import { Global, Module, type OnModuleDestroy } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { AccessTrail, TenantPool, type Log } from '@redress/typeorm';
import type { FastifyInstance } from 'fastify';
import { DataSource } from 'typeorm';
import { LOG } from '../observability/observability.module';
import { AccessRecorder } from './access-recorder';
import { AccessRecordsController } from './access-records.controller';
import { RecordedExport } from './recorded-export.interceptor';

/** The access trail: who exported, listed in bulk, changed settings, or was refused. */
@Global()
@Module({
  controllers: [AccessRecordsController],
  providers: [
    RecordedExport,
    {
      provide: AccessTrail,
      inject: [DataSource],
      useFactory: (dataSource: DataSource) => new AccessTrail(TenantPool.of(dataSource)),
    },
    {
      provide: AccessRecorder,
      inject: [AccessTrail, LOG, HttpAdapterHost],
      useFactory: (trail: AccessTrail, log: Log, { httpAdapter }: HttpAdapterHost) => {
        const recorder = new AccessRecorder(trail, log);
        recorder.listen(httpAdapter.getInstance<FastifyInstance>());
        return recorder;
      },
    },
  ],
  exports: [AccessRecorder, RecordedExport],
})
export class AccessRecordsModule implements OnModuleDestroy {
  constructor(private readonly recorder: AccessRecorder) {}

  /** Before the database is closed. */
  onModuleDestroy(): Promise<void> {
    return this.recorder.flush();
  }
}
