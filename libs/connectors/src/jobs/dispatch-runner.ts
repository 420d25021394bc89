import type { DispatchChange, DispatchTarget, LookupResult, Report, SendResult } from '@redress/domain';
import { leaseMs, type DispatchDesk, type Work } from '@redress/domain/integrations';
import type { CircuitBreakers } from '../kit/circuit-breaker';
import type { Connector, Ledger } from '../kit/connector';

/** Provides the connectors of a tenant's connections; undefined where the tenant has no such connection. */
export interface ConnectorProvider {
  /** The system with tickets that is connected as this target. */
  ticketSystem(tenant: string, target: DispatchTarget): Promise<Connector | undefined>;
  /** The ledger that keeps the tenant's books. */
  ledger(tenant: string): Promise<Ledger | undefined>;
}

/** One attempt to send a dispatch or to look it up, for metrics. */
export type ObservedAttempt = Readonly<{
  target: string;
  kind: Report['kind'];
  outcome: Report['answer']['outcome'];
  seconds: number;
}>;

/** A call ends well before its lease, so that no other process takes over a dispatch whose call is still running. */
export const callTimeoutMs = leaseMs - 10_000;

/** Claim, call, report: carries out what is due of one dispatch. Nothing is called inside a unit of work. */
export class DispatchRunner {
  constructor(
    private readonly desk: DispatchDesk,
    private readonly connectors: ConnectorProvider,
    private readonly breakers: CircuitBreakers,
    private readonly timeoutMs = callTimeoutMs,
    private readonly observed: (attempt: ObservedAttempt) => void = () => undefined,
  ) {}

  /**
   * The change that was reported, or `later` before the dispatch is due; undefined when it needs no call, or when
   * another process holds it by now.
   */
  async run(tenant: string, id: string, early = false): Promise<DispatchChange | 'later' | undefined> {
    const work = await this.desk.claim(tenant, id, {
      early,
      blocked: (target) => this.breakers.of(tenant, target).blocked(),
    });
    if (work === 'later' || work === undefined) return work;
    const call = await this.callFor(tenant, work);
    const breaker = this.breakers.of(tenant, work.dispatch.target);
    const began = performance.now();
    const report = call
      ? await breaker
          .pass(() => call(AbortSignal.timeout(this.timeoutMs)))
          .then((answer) => reportOf(work, answer))
      : notConnected(work);
    const { target } = work.dispatch;
    const seconds = (performance.now() - began) / 1000;
    this.observed({ target, kind: report.kind, outcome: report.answer.outcome, seconds });
    const reported = await this.desk.report(tenant, work, report);
    return reported.ok ? reported.value : undefined;
  }

  /** When its time has come. Clocks differ: what rings too early has to ring again. */
  async runJob(tenant: string, id: string): Promise<void> {
    if ((await this.run(tenant, id)) === 'later') throw new Error(`dispatch ${id} is not due yet`);
  }

  /** Undefined where the tenant has no such connection any more. */
  private async callFor(tenant: string, work: Work): Promise<Call | undefined> {
    const { id, target, posting } = work.dispatch;
    if (target === 'LEDGER') {
      if (!posting) throw new Error(`dispatch ${id} has nothing to post`);
      const ledger = await this.connectors.ledger(tenant);
      return ledger && ((signal) => ledger.post(id, posting, signal));
    }
    const connector = await this.connectors.ticketSystem(tenant, target);
    return connector && ((signal) => ticketCall(connector, work, signal));
  }
}

type Call = (signal: AbortSignal) => Promise<SendResult | LookupResult>;

async function ticketCall(
  connector: Connector,
  { kind, dispatch, ticketReference = '' }: Work,
  signal: AbortSignal,
): Promise<SendResult | LookupResult> {
  const { id, message, note } = dispatch;
  if (note !== undefined)
    return kind === 'send'
      ? connector.addNote(ticketReference, id, note, signal)
      : connector.findNote(ticketReference, id, signal);
  if (kind !== 'send') return connector.findTicket(id, signal, message);
  if (!message) throw new Error(`dispatch ${id} has nothing to say`);
  return connector.createTicket(id, message, signal);
}

const reportOf = ({ kind }: Work, answer: SendResult | LookupResult): Report =>
  // A send is answered by what was sent, a look-up by what was found.
  (kind === 'send' ? { kind, answer } : { kind, answer }) as Report;

function notConnected({ kind, dispatch }: Work): Report {
  const problem = `No connection to ${dispatch.target} is configured any more.`;
  return kind === 'send'
    ? { kind, answer: { outcome: 'refused', problem, unseen: true } }
    : { kind, answer: { outcome: 'unavailable', problem } };
}
