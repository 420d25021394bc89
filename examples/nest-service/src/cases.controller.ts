import {
  Body,
  Controller,
  createParamDecorator,
  type ExecutionContext,
  Get,
  HttpException,
  Param,
  Post,
  Query,
} from '@nestjs/common';
import { DisputeDesk, ExceptionDesk, explain, Reads, refuse } from '@redress/domain';
import type { CommandMeta, RefusalCode, Result } from '@redress/domain';

const tenant = 'cases';
const firstPage = { limit: 50, order: 'asc' } as const;
/** What a refusal is over HTTP is for each service to say; here, most are a conflict. */
const statuses: Partial<Record<RefusalCode, number>> = {
  not_found: 404,
  invalid_value: 400,
  own_proposal: 403,
};

function valueOf<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  const { code } = result.refusal;
  throw new HttpException({ problem: code, advice: explain(result.refusal) }, statuses[code] ?? 409);
}

/** The desks trust their types, and what was sent has none: all but text is left out, which they refuse where it is needed. */
const texts = (sent: unknown): Partial<Record<string, string>> =>
  Object.fromEntries(Object.entries(Object(sent) as object).filter(([, value]) => typeof value === 'string'));

/** Who asks for what, and the key that makes it happen once. */
const Meta = createParamDecorator((_: unknown, context: ExecutionContext): CommandMeta => {
  const { headers, url, body } = context.switchToHttp().getRequest<Record<string, unknown>>();
  const { 'x-user': actor = 'unknown', 'idempotency-key': key } = texts(headers);
  const idempotency = { key: JSON.stringify([actor, key]), fingerprint: JSON.stringify([url, body]) };
  return { tenant, actor, ...(key && { idempotency }) };
});

@Controller('cases')
export class CasesController {
  constructor(
    private readonly exceptions: ExceptionDesk,
    private readonly disputes: DisputeDesk,
    private readonly reads: Reads,
  ) {}

  @Get()
  list(@Query('status') status?: string) {
    return this.reads.exceptions(tenant, status ? { status: [status] } : {}, 'due_at', firstPage);
  }

  @Post()
  async raise(@Body() body: unknown, @Meta() meta: CommandMeta) {
    const { transactionId = '', reason = '', ...rest } = texts(body);
    return valueOf(await this.exceptions.raise({ ...rest, transactionId, reason }, meta)).state;
  }

  @Post(':id/force-match')
  async forceMatch(@Param('id') id: string, @Body() body: unknown, @Meta() meta: CommandMeta) {
    const { reason: overrideReason = '', notes = '' } = texts(body);
    return valueOf(await this.exceptions.handle(id, { type: 'force_match', overrideReason, notes }, meta))
      .state;
  }

  @Post(':id/disputes')
  async dispute(@Param('id') id: string, @Body() body: unknown, @Meta() meta: CommandMeta) {
    const { description = '' } = texts(body);
    return valueOf(await this.disputes.open(id, { category: 'OTHER', description }, meta)).state;
  }

  @Post(':id/jira')
  async toJira(@Param('id') id: string, @Meta() meta: CommandMeta) {
    return valueOf(await this.exceptions.handle(id, { type: 'dispatch', target: 'JIRA' }, meta)).state;
  }

  @Get(':id/history')
  async history(@Param('id') id: string) {
    const page = await this.reads.history(tenant, id, firstPage);
    return (
      page?.items.map(({ event }) => event) ?? valueOf(refuse({ code: 'not_found', what: 'exception', id }))
    );
  }
}
