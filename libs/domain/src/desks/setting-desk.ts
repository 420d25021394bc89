import type { ApprovalRules, SettingPorts, SettingVersion, ReasonLists } from '../ports/setting-store';
import type { ApprovalRule } from '../resolution/approval-policy';
import { validateApprovalRules } from '../resolution/approval-policy.validation';
import { acceptedReasons, validateReasonCodes, type ReasonCodes } from '../resolution/reason-codes';
import { ok, refuse, type Result } from '../result';
import type { CommandMeta, ReplyCodec } from './command-meta';
import { atVersion, runOnce } from './use-case';

/** The desk of one setting of a tenant: load, decide, add a version, once per idempotency key. */
export class SettingDesk<Asked, Value extends object> {
  constructor(
    private readonly ports: SettingPorts<Value>,
    /** The value that is in force when this is asked for, or why it is malformed. */
    private readonly accept: (asked: Asked) => Result<Value>,
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
      async (latest, tx, { newId, now: createdAt, actor: createdBy }) => {
        const accepted = this.accept(asked);
        if (!accepted.ok) return accepted;
        const version = latest?.version ?? 0;
        const current = atVersion(meta, version);
        if (!current.ok) return current;
        const next = { ...accepted.value, id: newId(), version: version + 1, createdAt, createdBy };
        await tx.versions.add(next);
        return ok(next);
      },
    );
  }
}

/** Sets which resolutions take the approval of more than one person. */
export class ApprovalPolicyDesk extends SettingDesk<readonly ApprovalRule[], ApprovalRules> {
  constructor(ports: SettingPorts<ApprovalRules>) {
    super(ports, (rules) => {
      const invalid = validateApprovalRules(rules);
      return invalid ? refuse(invalid) : ok({ rules });
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
