import type { ExternalSystems } from '@redress/domain';

const missing = (): never => {
  throw new Error(
    'No external systems are configured: give RedressModule connectors, such as connectorsFor({ … }) of @redress/connectors.',
  );
};

/** The external systems of a desk without connectors: none can be connected, and exceptions go to people. */
export const peopleOnly: ExternalSystems = {
  catalog: { rulesOf: missing, inboundOf: missing, addressProblem: missing },
  connections: { byId: async () => undefined },
  vault: { encrypt: missing, decrypt: missing },
  secrets: { signingSecret: missing, sharedSecret: missing },
  targets: async () => [],
  dispatch: async () => missing(),
  deliver: async () => missing(),
  idle: async () => undefined,
  stop: async () => undefined,
};
