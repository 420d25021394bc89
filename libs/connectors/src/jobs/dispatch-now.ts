import { setTimeout as pause } from 'node:timers/promises';
import {
  refuse,
  replyCodecOf,
  settle,
  type CommandMeta,
  type Dispatch,
  type DispatchChange,
  type DispatchTarget,
  type ExceptionChange,
  type ExceptionDesk,
  type Ports,
  type ReplyCodec,
} from '@redress/domain';
import type { DispatchRunner } from './dispatch-runner';

/** Which targets a tenant can dispatch to. */
export interface Targets {
  /** The targets that are connected, in any order. */
  targets(tenant: string): Promise<readonly DispatchTarget[]>;
}

/** The deadline of the first attempt. */
export type DispatchNowOptions = Readonly<{
  /** How long a request waits for the other side; then the work goes on in the background. */
  budgetMs: number;
}>;

/** Enough for what is done after the other side has answered, or has not. */
const settlingMs = 3_000;

/** What has become of a dispatch while the request was waiting. */
export type AttemptedDispatch = Readonly<{ exceptionVersion: number; dispatch: Dispatch }>;

/** Dispatches while a request waits for the answer: reserves, and makes the first attempt at once. */
export class DispatchNow {
  constructor(
    private readonly ports: Ports,
    private readonly desk: ExceptionDesk,
    private readonly targets: Targets,
    private readonly runner: DispatchRunner,
    private readonly options: DispatchNowOptions,
  ) {}

  /** The desk with the connected targets of the tenant. MANUAL needs no connection, so nothing is looked up for it. */
  async deskFor(tenant: string, target: DispatchTarget): Promise<ExceptionDesk> {
    if (target === 'MANUAL') return this.desk;
    return this.desk.under({ connectors: await this.targets.targets(tenant) });
  }

  /** Dispatches, and waits at most `budgetMs` for the first attempt, whose result `presentAttempted` shows. */
  async dispatch<A>(
    exceptionId: string,
    command: Readonly<{ target: DispatchTarget; queue?: string }>,
    meta: CommandMeta<ReplyCodec<ExceptionChange, A>>,
    presentAttempted: (done: AttemptedDispatch) => A,
  ): Promise<A> {
    const { budgetMs } = this.options;
    let reserved: ExceptionChange | undefined;
    const codec = replyCodecOf(meta);
    const reply: ReplyCodec<ExceptionChange, A> = {
      ...codec,
      present: (outcome) => {
        reserved = outcome.ok ? outcome.value : undefined;
        return codec.present(outcome);
      },
      provisionalForMs: ({ dispatch }) =>
        dispatch?.state === 'RESERVED' ? budgetMs + settlingMs : undefined,
    };
    const desk = await this.deskFor(meta.tenant, command.target);
    const answer = await desk.handle(exceptionId, { type: 'dispatch', ...command }, { ...meta, reply });
    if (meta.preview || reserved?.dispatch?.state !== 'RESERVED') return answer;
    const attempted = await this.firstAttempt(meta.tenant, reserved.dispatch);
    const dispatch = attempted?.state ?? reserved.dispatch;
    const final =
      dispatch.state === 'FAILED'
        ? codec.present(
            refuse({ code: 'dispatch_refused', target: dispatch.target, problem: dispatch.lastError ?? '' }),
          )
        : presentAttempted({ dispatch, exceptionVersion: (attempted?.exception ?? reserved).state.version });
    return settle(this.ports, meta, final);
  }

  /** As far as it gets within the budget. */
  private async firstAttempt(tenant: string, dispatch: Dispatch): Promise<DispatchChange | undefined> {
    // It is reserved, so whatever breaks here is noticed when its time, or the lease, is over.
    const attempt = this.runner
      .run(tenant, dispatch.id, { early: true, target: dispatch.target })
      .catch(() => undefined);
    const given = new AbortController();
    const done = await Promise.race([
      attempt,
      pause(this.options.budgetMs, undefined, { signal: given.signal }).catch(() => undefined),
    ]);
    given.abort();
    return done === 'later' ? undefined : done;
  }
}
