import { Module } from '@nestjs/common';
import { CommentDesk } from '@redress/domain';
import { PostgresUnitOfWork } from '@redress/typeorm';
import { portsOver } from '../storage/ports';
import { CommentReadsController } from './comment-reads.controller';
import { CommentsController } from './comments.controller';

/** Comments on exceptions and disputes. */
@Module({
  controllers: [CommentReadsController, CommentsController],
  providers: [
    {
      provide: CommentDesk,
      inject: [PostgresUnitOfWork],
      useFactory: (uow: PostgresUnitOfWork) => new CommentDesk(portsOver(uow)),
    },
  ],
})
export class CommentsModule {}
