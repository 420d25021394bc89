import { Readable } from 'node:stream';
import { Body, Controller, Post, Req } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { ImportDesk } from '@redress/domain/bulk';
import { readFile } from './read-file';
import { csvLines, ndjsonLines } from '@redress/formats';
import { Metrics } from '../observability/metrics';
import { streamTypes } from '../http/body.pipe';
import { Context, type RequestContext } from '../http/request-context';
import { ImportResponse } from './bulk-responses';
import { HttpAnswer } from '../http/http-answer';
import { Route } from '../http/route';

@ApiTags('Exception')
@Controller('v1/exceptions/import')
export class ImportController {
  constructor(
    private readonly importer: ImportDesk,
    private readonly metrics: Metrics,
  ) {}

  @Route({
    id: 'importExceptions',
    summary: 'Import exceptions from a file',
    description:
      'A stream of reports, as in raising one, of any size: newline-delimited JSON, or CSV with a header. Good lines ' +
      'are kept when others are bad; the first 1,000 of these are listed. Repeating it counts what is unresolved as seen ' +
      'again, so an idempotency key is ignored; what was resolved in between is raised again, with `previous`.',
    scope: 'exception:raise',
    answers: [{ status: 200, type: ImportResponse, description: 'What became of the lines.' }],
    failures: ['request_timeout', 'unsupported_media_type'],
    preview: true,
  })
  @ApiConsumes(...streamTypes)
  @ApiBody({
    required: true,
    description:
      'UTF-8. CSV has metadata in columns `metadata.<key>` and `differences` as JSON; empty cells are absent. Its header ' +
      'may have semicolons or tabs instead of commas, and an amount a decimal comma where that can mean one thing only. ' +
      'An amount with an exponent is refused.',
    schema: { type: 'string', format: 'binary' },
  })
  @Post()
  async import(
    @Body() body: Readable,
    @Req() { headers }: FastifyRequest,
    @Context() context: RequestContext,
  ): Promise<HttpAnswer> {
    const lines = /^text\/csv/i.test(headers['content-type'] ?? '') ? csvLines(body) : ndjsonLines(body);
    return readFile(body, async () => {
      const report = await this.importer.raise(lines, context.meta);
      if (context.meta.preview) return HttpAnswer.json(200, { ...report, preview: true });
      this.metrics.imported(report);
      return HttpAnswer.json(200, report);
    });
  }
}
