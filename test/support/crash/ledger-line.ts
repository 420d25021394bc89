import { newWebhookSecret, secretGenerator } from '@redress/connectors';
import { ConnectionDesk, type Received } from '@redress/domain/integrations';
import type { DataSource } from 'typeorm';
import { newId } from '../../../apps/api/src/ids';
import { httpDelivery } from '../../../apps/api/src/inbound/http-delivery';
import { connectionUnitOfWork } from '../../../libs/typeorm/src/repositories/connection.repository';
import type { Telling } from '../fake-ledger';
import { headersOf, ledgerEvent } from '../inbound';
import { vault, type Clock, type Process } from './process';

/** The way back from a ledger: what it tells by itself, signed, and in the same words each time. */
export class LedgerLine {
  private readonly received = new Set<Telling>();
  private readonly began: Date;

  private constructor(
    private readonly clock: Clock,
    private readonly connectionId: string,
    private readonly secret: string,
  ) {
    this.began = clock.now();
  }

  /** From now on the tenant's books are kept there. */
  static async connect(
    dataSource: DataSource,
    process: Process,
    clock: Clock,
    tenant: string,
    url: string,
  ): Promise<LedgerLine> {
    const uow = connectionUnitOfWork(dataSource, { replyHours: 24 });
    const desk = new ConnectionDesk({ uow, clock: clock.now, newId }, vault, secretGenerator, {
      addressProblem: async () => undefined,
      rulesOf: (target) => process.connectors.rulesOf(target),
    });
    const [settings, secrets] = [{ url }, { secrets: [newWebhookSecret()] }];
    const command = {
      target: 'LEDGER',
      enabled: true,
      rotateInboundSecret: false,
      settings,
      secrets,
    } as const;
    const made = await desk.put(command, { tenant, actor: 'dee' });
    if (!made.ok) throw new Error(made.refusal.code);
    return new LedgerLine(clock, made.value.state.id, made.value.issued.inboundSecret ?? '');
  }

  /** Undefined = it was not believed to be the ledger. */
  tell(process: Process, telling: Telling): Promise<Received | undefined> {
    const { id } = telling;
    const [stage, said] =
      'reference' in telling
        ? (['done', { reference: telling.reference }] as const)
        : (['returned', { reason: telling.problem }] as const);
    const body = Buffer.from(JSON.stringify(ledgerEvent({ reference: id, stage, at: this.began }, said)));
    const headers = headersOf('LEDGER', this.secret, body, { id: `answer-${id}`, at: this.clock.now() });
    return process.inbound.receive('LEDGER', this.connectionId, httpDelivery(headers, body));
  }

  /** Sends it unless an earlier delivery was acknowledged. */
  async tellOnce(process: Process, telling: Telling): Promise<void> {
    if (this.received.has(telling)) return;
    if ((await this.tell(process, telling)) === undefined) throw new Error('the ledger was not believed');
    this.received.add(telling);
  }
}
