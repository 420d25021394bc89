import type { ExceptionCommand } from '../exception/exception.lifecycle';
import type { Policy } from '../exception/policy';
import type { DispatchTarget } from '../value/dispatch-target';

/** Looks up the targets that a tenant can dispatch to. `MANUAL` is always one of them. */
export type DispatchTargets = (tenant: string) => Promise<readonly DispatchTarget[]>;

/** The policy that a command is decided by. Which targets are connected is looked up only when a command asks for one. */
export async function policyFor(
  command: ExceptionCommand,
  tenant: string,
  policy: Policy,
  targets: DispatchTargets | undefined,
): Promise<Policy> {
  if (command.type !== 'dispatch' || command.target === 'MANUAL' || !targets) return policy;
  return { ...policy, connectors: await targets(tenant) };
}
