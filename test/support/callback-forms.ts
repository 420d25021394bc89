import type { ConnectionTarget } from '@redress/domain/integrations';
import type { Person } from './app';
import { bytes, eventOf, headersOf, hmac, pathOf, type Delivery, type Tale } from './inbound';

export type Target = ConnectionTarget;
export const targets = ['JIRA', 'SERVICENOW', 'WEBHOOK', 'LEDGER'] as const;
/** Those that tell of tickets. */
export const ticketing = ['JIRA', 'SERVICENOW', 'WEBHOOK'] as const;

/** A tenant with one connection, and an exception that was handed over by it; a posting goes by its own id. */
export type Party = Readonly<{
  person: Person;
  connection: Readonly<{ id: string; secret: string }>;
  exceptionId: string;
  dispatchId: string;
  reference: string;
}>;

export type Scene = Party &
  Readonly<{
    target: Target;
    /** Another tenant, who has the same. */
    them: Party;
    /** A delivery that is as it should be. */
    tell: (delivery: Delivery) => Promise<void>;
    /** Changes the connection. */
    put: (over: object) => Promise<void>;
    /** A person of the tenant gives a command. */
    act: (command: string, body?: object) => Promise<void>;
  }>;

/** A callback that must not change anything. */
export type Form = Readonly<{
  name: string;
  targets: readonly Target[];
  /** What happens before, which may change what it likes. */
  before?: (scene: Scene) => Promise<void>;
  bad: (scene: Scene) => Delivery;
  /** The status of the answer or, where it is authentic, what is said of it. */
  answer: number | string;
  /** It contains nothing that even a naive receiver could act on. */
  harmless?: true;
}>;

/* How deliveries are made. */

export const sealed = (
  { target, connection }: Scene,
  body: string | Buffer,
  { secret = connection.secret, ...more }: { secret?: string; id?: string; at?: Date } = {},
): Delivery => ({
  path: pathOf(target, connection.id),
  headers: headersOf(target, secret, body, more),
  body,
});

export const ago = (seconds: number): Date => new Date(Date.now() - seconds * 1000);

export const event = (scene: Scene, over: Partial<Tale> = {}): object =>
  eventOf(scene.target, { reference: scene.reference, stage: 'done', ...over });
export const text = (scene: Scene, over?: Partial<Tale>): string => JSON.stringify(event(scene, over));
export const honest = (scene: Scene, over?: Partial<Tale>): Delivery => sealed(scene, text(scene, over));

export function without(delivery: Delivery, name: string): Delivery {
  const { [name]: _gone, ...headers } = delivery.headers;
  return { ...delivery, headers };
}
export const withHeaders = (delivery: Delivery, headers: Record<string, string>): Delivery => ({
  ...delivery,
  headers: { ...delivery.headers, ...headers },
});

export const signatureHeader = {
  JIRA: 'x-hub-signature',
  SERVICENOW: 'x-redress-signature',
  WEBHOOK: 'webhook-signature',
  LEDGER: 'webhook-signature',
} as const;
export const timeHeader = {
  JIRA: '',
  SERVICENOW: 'x-redress-timestamp',
  WEBHOOK: 'webhook-timestamp',
  LEDGER: 'webhook-timestamp',
} as const;
export const signsWebhooks = (target: Target): boolean => target === 'WEBHOOK' || target === 'LEDGER';

/** The whole header of a signature, made with any key, by any algorithm, over any text. */
function signature(
  target: Target,
  { headers, body }: Delivery,
  { secret, key, algorithm = 'sha256' }: { secret: string; key?: string | Buffer; algorithm?: string },
): string {
  const id = headers['webhook-id'];
  const time = headers[timeHeader[target]];
  const before = signsWebhooks(target) ? `${id}.${time}.` : target === 'SERVICENOW' ? `${time}.` : '';
  const signed = Buffer.concat([bytes(before), bytes(body)]);
  if (!signsWebhooks(target)) return `${algorithm}=${hmac(key ?? secret, signed, algorithm)}`;
  const own = Buffer.from(secret.slice('whsec_'.length), 'base64');
  return `v1,${hmac(key ?? own, signed, algorithm, 'base64')}`;
}

export const signedBy = (
  scene: Scene,
  delivery: Delivery,
  how: { key?: string | Buffer; algorithm?: string } = {},
) =>
  withHeaders(delivery, {
    [signatureHeader[scene.target]]: signature(scene.target, delivery, {
      secret: scene.connection.secret,
      ...how,
    }),
  });

export const timed = ['SERVICENOW', 'WEBHOOK', 'LEDGER'] as const;
export const hook = ['WEBHOOK', 'LEDGER'] as const;
export const plainHmac = ['JIRA', 'SERVICENOW'] as const;

export const said = (name: string, answer: string, bad: Form['bad'], more: Partial<Form> = {}): Form => ({
  name,
  targets: ticketing,
  bad,
  answer,
  ...more,
});
