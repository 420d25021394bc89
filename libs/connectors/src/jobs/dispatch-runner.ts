import type {
  Addressee,
  DispatchChange,
  DispatchTarget,
  LookupResult,
  Report,
  SendResult,
} from '@redress/domain';
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
   * another process holds it by now. Throws when the connection cannot be opened here, as without the key of its secrets:
   * nothing is claimed then, and another process can carry it out.
   */
  async run(
    tenant: string,
    id: string,
    { early = false, target: given }: Readonly<{ early?: boolean; target?: Addressee }> = {},
  ): Promise<DispatchChange | 'later' | undefined> {
    const target = given ?? (await this.desk.targetOf(tenant, id));
    if (target === undefined) return undefined;
    const call = await this.callTo(tenant, target);
    const work = await this.desk.claim(tenant, id, {
      early,
      blocked: (target) => this.breakers.of(tenant, target).blocked(),
    });
    if (work === 'later' || work === undefined) return work;
    const breaker = this.breakers.of(tenant, target);
    const began = performance.now();
    const report = call
      ? await breaker
          .pass(() => call(work, AbortSignal.timeout(this.timeoutMs)))
          .then((answer) => reportOf(work, answer))
      : notConnected(work);
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
  private async callTo(tenant: string, target: Addressee): Promise<Call | undefined> {
    if (target === 'LEDGER') {
      const ledger = await this.connectors.ledger(tenant);
      return ledger && ((work, signal) => ledgerCall(ledger, work, signal));
    }
    const connector = await this.connectors.ticketSystem(tenant, target);
    return connector && ((work, signal) => ticketCall(connector, work, signal));
  }
}

type Call = (work: Work, signal: AbortSignal) => Promise<SendResult | LookupResult>;

async function ledgerCall(
  ledger: Ledger,
  { dispatch: { id, posting } }: Work,
  signal: AbortSignal,
): Promise<SendResult | LookupResult> {
  if (!posting) throw new Error(`dispatch ${id} has nothing to post`);
  return ledger.post(id, posting, signal);
}

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
