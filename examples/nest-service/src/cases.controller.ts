import { randomUUID } from 'node:crypto';
import { Body, Controller, Get, Headers, HttpException, Param, Post } from '@nestjs/common';
import {
  ExceptionDesk,
  explain,
  type CommandMeta,
  type HistoryEvent,
  type RefusalCode,
} from '@redress/domain';
import type { Result, UnitOfWork } from '@redress/domain';

export type History = (tenant: string, exceptionId: string) => Promise<readonly HistoryEvent[]>;

/** The library's desk, over a store of our own, with our clock and our ids. */
export class Cases extends ExceptionDesk {
  constructor(
    uow: UnitOfWork,
    readonly history: History,
  ) {
    super({ uow, clock: () => new Date(), newId: randomUUID });
  }
}

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

/** The library trusts its types, and what was sent has none: all but text counts as blank, which it refuses. */
function text(sent: unknown, field: string): string {
  const value = (Object(sent) as Record<string, unknown>)[field];
  return typeof value === 'string' ? value : '';
}

function metaOf(headers: unknown, ...asked: unknown[]): CommandMeta {
  const [actor, key] = [text(headers, 'x-user') || 'unknown', text(headers, 'idempotency-key')];
  const idempotency = { key: JSON.stringify([actor, key]), fingerprint: JSON.stringify(asked) };
  return { tenant: 'cases', actor, ...(key && { idempotency }) };
}

@Controller('cases')
export class CasesController {
  constructor(private readonly cases: Cases) {}

  @Post()
  async raise(@Headers() headers: unknown, @Body() body: unknown) {
    const [amount, currency] = [text(body, 'amount'), text(body, 'currency')];
    const about = { transactionId: text(body, 'transactionId'), reason: text(body, 'reason') };
    const report = { ...about, ...((amount || currency) && { amount, currency }) };
    return valueOf(await this.cases.raise(report, metaOf(headers, 'raise', body))).state;
  }

  @Post(':id/force-match')
  async forceMatch(@Param('id') id: string, @Headers() headers: unknown, @Body() body: unknown) {
    const [overrideReason, notes] = [text(body, 'reason'), text(body, 'notes')];
    const asked = metaOf(headers, 'force-match', id, body);
    return valueOf(await this.cases.handle(id, { type: 'force_match', overrideReason, notes }, asked)).state;
  }

  @Get(':id/history')
  async history(@Param('id') id: string) {
    const { exception } = valueOf(await this.cases.find('cases', id));
    return this.cases.history('cases', exception.id);
  }
}
