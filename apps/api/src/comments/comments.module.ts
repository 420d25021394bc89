import { Module } from '@nestjs/common';
import { CommentDesk, type DeskStore } from '@redress/domain';
import { portsOver } from '../storage/ports';
import { STORE } from '../storage/storage.module';
import { CommentReadsController } from './comment-reads.controller';
import { CommentsController } from './comments.controller';

/** Comments on exceptions and disputes. */
@Module({
  controllers: [CommentReadsController, CommentsController],
  providers: [
    {
      provide: CommentDesk,
      inject: [STORE],
      useFactory: ({ desk: uow, clock }: DeskStore) => new CommentDesk(portsOver(uow, clock)),
    },
  ],
})
export class CommentsModule {}
