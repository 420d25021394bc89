import { Controller, Get, Headers, Query, Res, StreamableFile, UseInterceptors } from '@nestjs/common';
import { ApiProduces, ApiTags } from '@nestjs/swagger';
import { Reads } from '@redress/domain';
import { Context, type RequestContext } from '../http/request-context';
import { ExceptionSummaryResponse } from './summary-responses';
import { RecordedExport } from '../access-records/recorded-export.interceptor';
import { exportHeader, exportStream, exportTypes, preferredFormat } from './exception-export';
import { exceptionFilters, readExceptionFilter } from '../exception-dto/exception-filters';
import { exportParameters, readExceptionExport } from './exception-query';
import { gzipped, takesGzip } from '../http/gzip';
import { HttpAnswer } from '../http/http-answer';
import { QueryParameters, type Query as QueryString } from '../http/query-parameters';
import { Route } from '../http/route';

/** How many exceptions are read at a time: enough to be quick, few enough to be held in memory. */
const exportPage = 500;

/** Of Fastify and of Express. */
type AnswerHeaders = { header: (name: string, value: string) => unknown };

@ApiTags('Exception')
@Controller('v1/exceptions')
export class ExceptionReportsController {
  constructor(private readonly reads: Reads) {}

  @Route({
    id: 'summarizeExceptions',
    summary: 'Count exceptions',
    description: 'Takes the filters of the list.',
    scope: 'exception:read',
    answers: [{ status: 200, type: ExceptionSummaryResponse, description: 'How many there are of what.' }],
  })
  @QueryParameters(exceptionFilters)
  @Get('summary')
  async summarize(@Query() query: QueryString, @Context() { caller }: RequestContext): Promise<HttpAnswer> {
    return HttpAnswer.json(200, await this.reads.summary(caller.tenant, readExceptionFilter(query)));
  }

  @Route({
    id: 'exportExceptions',
    summary: 'Export exceptions to a file',
    description:
      'All that the list would show, with its filters and order, as a stream. NDJSON has the exceptions as they are ' +
      `read one by one; CSV has the columns \`${exportHeader}\`, of which \`assignee\`, \`resolution\` and \`reason\` ` +
      'are for editing, `assigneeWas` tells whether the assignee was edited, and `exceptionReason` is why it was raised. ' +
      'CSV begins with a byte order mark, and an apostrophe goes before each text that a spreadsheet might run as a ' +
      'formula. Ordered by `created_at` or `id`, each exception is there once; one that ' +
      'moves in its order meanwhile may be there twice, or not. Compressed where `Accept-Encoding` takes gzip. A file that broke off ends with a broken connection.',
    scope: 'exception:read',
    answers: [{ status: 200, type: String, description: 'The file.' }],
  })
  @ApiProduces(...Object.values(exportTypes))
  @QueryParameters(exportParameters)
  @UseInterceptors(RecordedExport)
  @Get('export')
  async export(
    @Query() query: QueryString,
    @Headers('accept') accept: string | undefined,
    @Headers('accept-encoding') encodings: string | undefined,
    @Context() { caller }: RequestContext,
    @Res({ passthrough: true }) response: AnswerHeaders,
  ): Promise<StreamableFile> {
    const { filter, sort, order, format = preferredFormat(accept) } = readExceptionExport(query);
    const file = await exportStream(format, (position) =>
      this.reads.exceptions(caller.tenant, filter, sort, {
        limit: exportPage,
        order,
        ...(position && { position }),
      }),
    );
    response.header('vary', 'accept, accept-encoding');
    const compressed = takesGzip(encodings);
    if (compressed) response.header('content-encoding', 'gzip');
    const day = new Date().toISOString().slice(0, 10);
    return new StreamableFile(compressed ? gzipped(file) : file, {
      type: `${exportTypes[format]}; charset=utf-8`,
      disposition: `attachment; filename="exceptions-${day}.${format}"`,
    });
  }
}
