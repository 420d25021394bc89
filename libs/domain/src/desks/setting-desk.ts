import type { ApprovalRules, SettingPorts, SettingVersion, ReasonLists } from '../ports/setting-store';
import type { Context } from '../change';
import { defaultPolicy } from '../exception/policy';
import type { ApprovalTerms } from '../resolution/approval-policy';
import { validateApprovalTerms } from '../resolution/approval-policy.validation';
import { changePolicy, termsOf } from '../resolution/policy-change';
import { acceptedReasons, validateReasonCodes, type ReasonCodes } from '../resolution/reason-codes';
import { ok, refuse, type Result } from '../result';
import type { CommandMeta, ReplyCodec } from './command-meta';
import { atVersion, runOnce } from './use-case';

/** The desk of one setting of a tenant: load, decide, add a version, once per idempotency key. */
export class SettingDesk<Asked, Value extends object> {
  constructor(
    private readonly ports: SettingPorts<Value>,
    /** The value that is in force when this is asked for, or why it is malformed. */
    private readonly accept: (
      asked: Asked,
      latest: SettingVersion<Value> | undefined,
      ctx: Context,
    ) => Result<Value>,
  ) {}

  /**
   * Adds a version, which is in force from now on. Refused as `stale_version` when `expectedVersion` is not the latest
   * version (0 where there is none yet), and as `invalid_value` when the value is malformed.
   */
  put<A = Result<SettingVersion<Value>>>(
    asked: Asked,
    meta: CommandMeta<ReplyCodec<SettingVersion<Value>, A>>,
  ): Promise<NoInfer<A>> {
    return runOnce(
      this.ports,
      meta,
      (tx) => tx.versions.latest(),
      async (latest, tx, ctx) => {
        const accepted = this.accept(asked, latest, ctx);
        if (!accepted.ok) return accepted;
        const version = latest?.version ?? 0;
        const current = atVersion(meta, version);
        if (!current.ok) return current;
        const { newId, now: createdAt, actor: createdBy } = ctx;
        const next = { ...accepted.value, id: newId(), version: version + 1, createdAt, createdBy };
        await tx.versions.add(next);
        return ok(next);
      },
    );
  }
}

/**
 * Sets what takes the approval of more than one person. Where the policy in force says so, a change that may weaken it is
 * only proposed, and takes effect once other people have put the same terms.
 */
export class ApprovalPolicyDesk extends SettingDesk<ApprovalTerms, ApprovalRules> {
  /** @param expiresHours after which a proposed change counts for nothing */
  constructor(ports: SettingPorts<ApprovalRules>, expiresHours = defaultPolicy.approvalExpiresHours) {
    super(ports, (terms, latest, ctx) => {
      const invalid = validateApprovalTerms(terms);
      return invalid ? refuse(invalid) : changePolicy(latest, termsOf(terms), ctx, expiresHours);
    });
  }
}

/** Sets which reason codes commands may give. */
export class ReasonCodesDesk extends SettingDesk<ReasonCodes, ReasonLists> {
  constructor(ports: SettingPorts<ReasonLists>) {
    super(ports, (commands) => {
      const invalid = validateReasonCodes(commands);
      return invalid ? refuse(invalid) : ok({ commands, accepted: acceptedReasons(commands) });
    });
  }
}
