import { ok } from '@redress/domain';
import type { ConnectorRules } from '@redress/domain/integrations';

/** Settings of a receiver of signed requests. */
export type SigningSettings = Readonly<{ url: string }>;

/** Signing secrets, as `whsec_…`: requests are signed with all of them, which are two while one replaces the other. */
export type SigningSecrets = Readonly<{ secrets: readonly string[] }>;

/** Rules of a connector whose requests are signed as Standard Webhooks. The first secret is generated unless given. */
export const signingRules: ConnectorRules<SigningSettings, SigningSecrets> = {
  addressField: 'url',
  sendsSecrets: false,
  inboundSecret: 'signing',
  secretsAfter({ given, kept }, generator) {
    const secrets = given.secrets ?? kept?.secrets;
    if (secrets) return ok({ secrets: { secrets } });
    const generated = [generator.signingSecret()];
    return ok({ secrets: { secrets: generated }, generated });
  },
};
