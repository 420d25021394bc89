import { randomBytes } from 'node:crypto';
import { laterBy, type Timestamp } from '@redress/domain';
import type { ConnectionTarget, Sealed } from './connection';

/** How long the secret before this one is still taken, so that the other side can be told of the new one. */
export const overlapHours = 24;

const secretBytes = 32;

/** A secret for Standard Webhooks: random bytes in base64, after the prefix that says so. */
export const webhookSecret = (): string => `whsec_${randomBytes(secretBytes).toString('base64')}`;

export const inboundSecret = (target: ConnectionTarget): string =>
  target === 'WEBHOOK' ? webhookSecret() : randomBytes(secretBytes).toString('base64url');

type Inbound = Pick<Sealed, 'inbound' | 'previousInbound'>;

/** A new secret takes the place of the one there is, which holds a while longer. */
export function rotated(secret: string, { inbound }: Inbound, now: Timestamp): Inbound {
  return {
    inbound: secret,
    previousInbound: { secret: inbound, until: laterBy(now, overlapHours * 3_600_000) },
  };
}

/** The secrets that hold at a time; times are all RFC 3339 in UTC, whose texts sort like them. */
export const holding = ({ inbound, previousInbound }: Inbound, now: Timestamp): readonly string[] =>
  previousInbound && now < previousInbound.until ? [inbound, previousInbound.secret] : [inbound];
