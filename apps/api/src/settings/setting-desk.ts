import { atVersion, ok, runOnce, type CommandMeta, type ReplyCodec, type Result } from '@redress/domain';
import type { SettingPorts, Version } from './setting';

/** What a tenant lays down: load, decide, add a version, once per idempotency key. */
export abstract class SettingDesk<Asked, Said> {
  constructor(private readonly ports: SettingPorts<Said>) {}

  /** What is to hold when this is asked for, unless it is malformed. */
  protected abstract meant(asked: Asked): Result<Said>;

  put<A = Result<Version<Said>>>(
    asked: Asked,
    meta: CommandMeta<ReplyCodec<Version<Said>, A>>,
  ): Promise<NoInfer<A>> {
    return runOnce(
      this.ports,
      meta,
      (tx) => tx.versions.latest(),
      async (latest, tx, ctx) => {
        const said = this.meant(asked);
        if (!said.ok) return said;
        const version = latest?.version ?? 0;
        const current = atVersion(meta, version);
        if (!current.ok) return current;
        const { newId, now: createdAt, actor: createdBy } = ctx;
        const next = { ...said.value, id: newId(), version: version + 1, createdAt, createdBy };
        await tx.versions.add(next);
        return ok(next);
      },
    );
  }
}
