import { Body, Controller, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ExceptionDesk, explain, type ExceptionCommand, type Handled, Reads } from '@redress/domain';
import { conditionsOf } from '@redress/domain/integrations';
import { DispatchNow } from '@redress/connectors';
import { Context, type RequestContext } from '../http/request-context';
import {
  BulkAssignRequest,
  BulkDispatchRequest,
  BulkResolveRequest,
  maxBulk,
  type ManyExceptions,
} from './bulk-requests';
import { BulkResponse } from './bulk-responses';
import { readBulkFilter } from './bulk-filter';
import { HttpAnswer } from '../http/http-answer';
import type { RouteOptions } from '../http/route';
import { invalidRequest, Problem } from '../problems/problem';
import { CommandRoute } from '../idempotency/command-route';

const whatBecame = { status: 200, type: BulkResponse, description: 'What became of each.' };
const either = {
  description:
    'Give ids, or the filter of a list; a filter without a condition needs `expectedCount`, the `total` of a preview. ' +
    'Who may not be given the command fails alone.',
  answers: [whatBecame],
  refusals: ['unexpected_count'],
  failures: ['too_many_matches'],
  unconditional: true,
} as const satisfies Partial<RouteOptions>;

@ApiTags('Exception')
@Controller('v1/exceptions/bulk')
export class BulkController {
  constructor(
    private readonly desk: ExceptionDesk,
    private readonly handOver: DispatchNow,
    private readonly reads: Reads,
  ) {}

  @CommandRoute({
    id: 'bulkAssignExceptions',
    summary: 'Assign many exceptions',
    ...either,
    scope: 'exception:assign',
  })
  @Post('assign')
  assign(
    @Body() { assignee, dueAt, ...many }: BulkAssignRequest,
    @Context() context: RequestContext,
  ): Promise<HttpAnswer> {
    return this.handleMany(
      { type: 'assign', assignee, ...(dueAt !== undefined && { dueAt }) },
      many,
      context,
    );
  }

  @CommandRoute({
    id: 'bulkResolveExceptions',
    summary: 'Resolve many exceptions',
    ...either,
    scope: 'exception:resolve',
  })
  @Post('resolve')
  resolve(
    @Body() { resolution, reason, ...many }: BulkResolveRequest,
    @Context() context: RequestContext,
  ): Promise<HttpAnswer> {
    return this.handleMany(
      { type: 'resolve', resolution, ...(reason !== undefined && { reason }) },
      many,
      context,
    );
  }

  @CommandRoute({
    id: 'bulkDispatchExceptions',
    summary: 'Dispatch many exceptions',
    ...either,
    scope: 'exception:dispatch',
  })
  @Post('dispatch')
  dispatch(
    @Body() { targetSystem, queue, ...many }: BulkDispatchRequest,
    @Context() context: RequestContext,
  ): Promise<HttpAnswer> {
    return this.handleMany(
      { type: 'dispatch', target: targetSystem, ...(queue !== undefined && { queue }) },
      many,
      context,
    );
  }

  private async handleMany(
    command: ExceptionCommand,
    many: ManyExceptions,
    context: RequestContext,
  ): Promise<HttpAnswer> {
    const { preview = false, expectedCount } = many;
    const { tenant } = context.caller;
    const previewed = preview || (context.meta.preview ?? false);
    const ids = await this.idsOf(many, tenant, previewed || expectedCount !== undefined);
    const desk =
      command.type === 'dispatch' ? await this.handOver.deskFor(tenant, command.target) : this.desk;
    const meta = context.as(bulkAnswer(previewed));
    return desk.handleAll(ids, command, { ...meta, ...(previewed && { preview: true }) }, expectedCount);
  }

  private async idsOf(
    { exceptionIds, exception_ids, filter }: ManyExceptions,
    tenant: string,
    mayBeAll: boolean,
  ): Promise<readonly string[]> {
    const given = [exceptionIds, exception_ids, filter].filter((way) => way !== undefined);
    if (given.length !== 1)
      throw invalidRequest({ exceptionIds: 'or filter is required, and one of them alone' });
    const ids = exceptionIds ?? exception_ids;
    if (ids) return ids;
    const chosen = readBulkFilter(filter ?? {});
    if (!mayBeAll && conditionsOf(chosen, new Date()).length === 0)
      throw invalidRequest({
        expectedCount: 'is required where the filter has no condition; a preview shows it as total',
      });
    const page = await this.reads.exceptions(tenant, chosen, 'id', {
      limit: maxBulk,
      order: 'asc',
    });
    if (!page.hasMore) return page.items.map(({ id }) => id);
    throw new Problem('too_many_matches', `The filter matches more than ${maxBulk} exceptions; narrow it.`, {
      limit: maxBulk,
    });
  }
}

const bulkAnswer =
  (preview: boolean) =>
  (handled: readonly Handled[]): HttpAnswer => {
    const succeeded = handled.flatMap(({ id, outcome }) => (outcome.ok ? [id] : []));
    const failed = handled.flatMap(({ id, outcome }) =>
      outcome.ok ? [] : [{ exceptionId: id, code: outcome.refusal.code, error: explain(outcome.refusal) }],
    );
    const proposed = handled.flatMap(({ id, outcome }) =>
      outcome.ok && outcome.value.state.pending === 'approval' ? [id] : [],
    );
    return HttpAnswer.json(200, {
      succeeded,
      failed,
      ...(proposed.length && { proposed }),
      total: handled.length,
      ...(preview && { preview }),
    });
  };
