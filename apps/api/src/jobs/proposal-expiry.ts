import type { ExceptionDesk } from '@redress/domain';

/** Gives back what nobody decided on, by what is there when the alarm rings and not by what the alarm was set for. */
export class ProposalExpiry {
  constructor(
    private readonly desk: ExceptionDesk,
    private readonly expired: () => void,
  ) {}

  /** Clocks differ: what rings too early has to ring again. */
  async alarm(tenant: string, id: string): Promise<void> {
    const outcome = await this.desk.expire(tenant, id);
    if (outcome === 'later') throw new Error(`the proposal of ${id} is not due yet`);
    if (outcome) this.expired();
  }
}
