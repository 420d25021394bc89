import {
  approvalRulesFlaw,
  atVersion,
  ok,
  once,
  refuse,
  type Answering,
  type ApprovalRule,
  type CommandMeta,
} from '@redress/domain';
import type { PolicyPorts, PolicyVersion } from './approval-policy';

/** What a tenant has approved by more than one person: load, decide, add a version, once per idempotency key. */
export class PolicyDesk {
  constructor(private readonly ports: PolicyPorts) {}

  put<A>(
    rules: readonly ApprovalRule[],
    meta: CommandMeta,
    answering: Answering<PolicyVersion, A>,
  ): Promise<A> {
    return once(
      this.ports,
      meta,
      (tx) => tx.policies.latest(),
      async (latest, tx, ctx) => {
        const flaw = approvalRulesFlaw(rules);
        if (flaw) return refuse(flaw);
        const version = latest?.version ?? 0;
        const current = atVersion(meta, version);
        if (!current.ok) return current;
        const next = {
          id: ctx.newId(),
          version: version + 1,
          rules,
          createdAt: ctx.now,
          createdBy: ctx.actor,
        };
        await tx.policies.add(next);
        return ok(next);
      },
      answering,
    );
  }
}
