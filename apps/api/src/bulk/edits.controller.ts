import { Body, Controller, Post, Req } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { EditDesk } from '@redress/domain/bulk';
import { editLines } from '@redress/formats';
import { readFile } from './read-file';
import { CsvFile, wrongType } from '../http/body.pipe';
import { Context, type RequestContext } from '../http/request-context';
import { EditResponse } from './bulk-responses';
import { HttpAnswer } from '../http/http-answer';
import { Route } from '../http/route';

const needsScope = {
  code: 'insufficient_scope',
  error: 'To resolve it needs the scope exception:resolve.',
};

@ApiTags('Exception')
@Controller('v1/exceptions/bulk/apply')
export class EditsController {
  constructor(private readonly edits: EditDesk) {}

  @Route({
    id: 'applyEdits',
    summary: 'Apply an edited export',
    description:
      'Takes the CSV file of the export back, with its columns `assignee`, `resolution` and `reason` edited: a ' +
      'resolution resolves, a changed assignee assigns, an emptied one unassigns. A line whose `version` is old is ' +
      'reported and changes nothing. So is one with an edit in another column of the export, or with a value that a ' +
      'spreadsheet has rewritten. An assignee was edited where it differs from `assigneeWas`. Commas, semicolons or tabs ' +
      'separate the cells. Resolving needs the scope `exception:resolve` as well.',
    scope: 'exception:assign',
    answers: [{ status: 200, type: EditResponse, description: 'What became of the lines.' }],
    failures: ['request_timeout', 'unsupported_media_type'],
    preview: true,
  })
  @ApiConsumes('text/csv')
  @ApiBody({ required: true, schema: { type: 'string', format: 'binary' } })
  @Post()
  async apply(
    @Body() body: CsvFile,
    @Req() { headers }: FastifyRequest,
    @Context() context: RequestContext,
  ): Promise<HttpAnswer> {
    const { caller, meta } = context;
    return readFile(body, async () => {
      if (!/^text\/csv/i.test(headers['content-type'] ?? '')) throw wrongType(['text/csv']);
      const report = await this.edits.apply(
        editLines(body),
        meta,
        caller.scopes.has('exception:resolve') ? undefined : needsScope,
      );
      if (!report.ok) return context.refuse(report.refusal);
      return HttpAnswer.json(200, { ...report.value, ...(meta.preview && { preview: true }) });
    });
  }
}
