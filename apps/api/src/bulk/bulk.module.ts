import { Module } from '@nestjs/common';
import { ExceptionDesk } from '@redress/domain';
import { EditDesk, ImportDesk } from '@redress/domain/bulk';
import type { Config } from '../config/config';
import { CONFIG } from '../config/config.module';
import { DispatchesModule } from '../dispatches/dispatches.module';
import { ExceptionsModule } from '../exceptions/exceptions.module';
import { BulkController } from './bulk.controller';
import { EditsController } from './edits.controller';
import { ImportController } from './import.controller';

/** Many exceptions at once: imports, edited exports, and commands for a list. */
@Module({
  imports: [ExceptionsModule, DispatchesModule],
  controllers: [ImportController, EditsController, BulkController],
  providers: [
    {
      provide: ImportDesk,
      inject: [ExceptionDesk, CONFIG],
      useFactory: (desk: ExceptionDesk, { importBatch }: Config) => new ImportDesk(desk, importBatch),
    },
    {
      provide: EditDesk,
      inject: [ExceptionDesk, CONFIG],
      useFactory: (desk: ExceptionDesk, { importBatch }: Config) => new EditDesk(desk, importBatch),
    },
  ],
})
export class BulkModule {}
