import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { mergeMap, type Observable } from 'rxjs';
import { AccessRecorder } from './access-recorder';

/** Nothing is exported without its record: the first byte is sent after the record was committed. */
@Injectable()
export class RecordedExport implements NestInterceptor {
  constructor(private readonly recorder: AccessRecorder) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    return next.handle().pipe(
      mergeMap(async (file: unknown) => {
        await this.recorder.recordNow(request, 'export');
        return file;
      }),
    );
  }
}
