import { createHash } from 'node:crypto';
import type { ConnectionSettings, ConnectorSecrets, TicketTarget } from '@redress/domain/integrations';
import { OpenConnection } from './open-connection';

/** A connection that the configuration of a service defines. */
export type FixedConnection<Settings = ConnectionSettings, Secrets = ConnectorSecrets> = Readonly<{
  settings: Settings;
  secrets: Secrets;
  /** What the external system signs its messages to the service with; without it, none are taken. */
  inboundSecret?: string | undefined;
}>;

/** A connection of a tenant that is not stored. Its id is the same in every process. */
export const fixedConnection = (
  tenant: string,
  target: TicketTarget,
  { settings, secrets, inboundSecret }: FixedConnection,
): OpenConnection =>
  new OpenConnection(
    { id: fixedConnectionId(tenant, target), tenant, target },
    settings,
    secrets,
    inboundSecret ? [inboundSecret] : [],
  );

/** Always the same for a tenant and target, since it is part of the address that the other side calls. A UUIDv8. */
export function fixedConnectionId(tenant: string, target: TicketTarget): string {
  const bytes = createHash('sha256')
    .update(`redress connection\n${tenant}\n${target}`)
    .digest()
    .subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
