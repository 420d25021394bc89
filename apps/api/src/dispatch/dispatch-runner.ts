import {
  leaseMs,
  type Addressee,
  type DispatchChange,
  type DispatchDesk,
  type Found,
  type Report,
  type Sent,
  type Work,
} from '@redress/domain';
import type { Connector } from '../connectors/connector';
import type { Gates } from './gate';

/** Finds the way to an external system. */
export interface Connectors {
  /** Undefined where the tenant has no such connection. */
  to(tenant: string, target: Addressee): Promise<Connector | undefined>;
}

/** Well before the lease is over, so that nobody who still waits for an answer is taken for gone. */
export const callTimeoutMs = leaseMs - 10_000;

/** Claim, call, report: carries out what is due of one dispatch. Nothing is called inside a unit of work. */
export class DispatchRunner {
  constructor(
    private readonly desk: DispatchDesk,
    private readonly connectors: Connectors,
    private readonly gates: Gates,
    private readonly timeoutMs = callTimeoutMs,
  ) {}

  /** What came of it; undefined when there was nothing to do outside, or somebody else has it by now. */
  async run(tenant: string, id: string, early = false): Promise<DispatchChange | 'later' | undefined> {
    const work = await this.desk.claim(tenant, id, {
      early,
      blocked: (target) => this.gates.of(tenant, target).blocked(),
    });
    if (work === 'later' || work === undefined) return work;
    const { target } = work.dispatch;
    const gate = this.gates.of(tenant, target);
    const connector = await this.connectors.to(tenant, target);
    const report = connector
      ? await gate.pass(() => this.call(connector, work)).then((answer) => reportOf(work, answer))
      : notConnected(work, target);
    const reported = await this.desk.report(tenant, work, report);
    return reported.ok ? reported.value : undefined;
  }

  /** When its time has come. Clocks differ: what rings too early has to ring again. */
  async alarm(tenant: string, id: string): Promise<void> {
    if ((await this.run(tenant, id)) === 'later') throw new Error(`dispatch ${id} is not due yet`);
  }

  private async call(
    connector: Connector,
    { kind, dispatch, ticketReference = '' }: Work,
  ): Promise<Sent | Found> {
    const signal = AbortSignal.timeout(this.timeoutMs);
    const { id, message, note } = dispatch;
    if (note !== undefined)
      return kind === 'send'
        ? connector.addNote(ticketReference, id, note, signal)
        : connector.findNote(ticketReference, id, signal);
    if (kind !== 'send') return connector.findTicket(id, signal);
    if (!message) throw new Error(`dispatch ${id} has nothing to say`);
    return connector.createTicket(id, message, signal);
  }
}

const reportOf = ({ kind }: Work, answer: Sent | Found): Report =>
  // A send is answered by what was sent, a look-up by what was found.
  (kind === 'send' ? { kind, answer } : { kind, answer }) as Report;

function notConnected({ kind }: Work, target: Addressee): Report {
  const problem = `No connection to ${target} is configured any more.`;
  return kind === 'send'
    ? { kind, answer: { outcome: 'refused', problem } }
    : { kind, answer: { outcome: 'unavailable', problem } };
}
