import { isProvisional, ok, type CommandMeta, type UnitOfWork } from '@redress/domain';
import { HttpAnswer } from '../http/http-answer';
import type { RequestContext } from '../http/request-context';
import { SingleFlight } from './single-flight';

type Idempotency = NonNullable<CommandMeta['idempotency']>;

/** The answers to requests with an idempotency key, for all command routes together. */
export class KeyedAnswers {
  private readonly flights: SingleFlight<HttpAnswer>;

  constructor(
    private readonly uow: UnitOfWork,
    private readonly clock: () => Date,
    waitMs: number,
    /** Whether this error says that another writer kept the request from being committed in time. */
    private readonly isHeldUp: (error: unknown) => boolean,
  ) {
    this.flights = new SingleFlight(waitMs);
  }

  /**
   * What `work` answers, or what the same request answers that is running already. Whether the request was answered before is
   * for the desk to find out, in the unit of work that would do it.
   */
  async answer(context: RequestContext, work: () => Promise<HttpAnswer>): Promise<HttpAnswer> {
    const { tenant, idempotency } = context.meta;
    if (!idempotency) return work();
    try {
      const flight = await this.flights.run(idempotency.key, idempotency.fingerprint, work);
      if ('answer' in flight) return flight.joined ? flight.answer.shared() : flight.answer;
      if (flight.refused === 'still_running') return context.refuse({ code: 'request_in_progress' });
      // The running request may itself reuse the key of this one, whose answer was kept before.
      return (await this.kept(tenant, idempotency)) ?? context.refuse({ code: 'idempotency_key_reused' });
    } catch (error) {
      if (this.isHeldUp(error)) return context.refuse({ code: 'request_in_progress' });
      throw error;
    }
  }

  private async kept(tenant: string, { key, fingerprint }: Idempotency): Promise<HttpAnswer | undefined> {
    const found = await this.uow.run({ tenant, replyKey: key }, async (tx) => ok(await tx.replies.find()));
    const reply = found.ok ? found.value : undefined;
    if (reply?.fingerprint !== fingerprint || isProvisional(reply, this.clock())) return undefined;
    return HttpAnswer.decode(reply.answer);
  }
}
