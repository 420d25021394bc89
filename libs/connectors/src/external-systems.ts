import { explain, timestamp, type ExternalSystemsFactory } from '@redress/domain';
import { DispatchDesk, type ConnectionTarget, type TicketTarget } from '@redress/domain/integrations';
import { AesVault } from './connections/aes-vault';
import { ConnectionResolver } from './connections/connection-resolver';
import { fixedConnection, type FixedConnection } from './connections/fixed-connection';
import type { OpenConnection } from './connections/open-connection';
import { secretGenerator } from './connections/secret-generator';
import { connectorProvider } from './connector-provider';
import { Connectors } from './connectors';
import { Egress } from './egress/egress';
import { EgressProxy, type EgressProxyOptions } from './egress/egress-proxy';
import { EgressAllowance } from './egress/egress-allowance';
import { DeliveryWorker } from './jobs/delivery-worker';
import { endpointCircuitBreaker, isTrouble } from './jobs/endpoint-answer';
import { DispatchRunner } from './jobs/dispatch-runner';
import { CircuitBreakers } from './kit/circuit-breaker';
import type { JsonReader } from './kit/json';
import { plainJson } from './kit/plain-json';
import { registry, type FixedConnections } from './registry';

/** Fixed connections, and what stored connections and webhook endpoints need. */
export type ConnectorsForOptions = FixedConnections &
  Readonly<{
    /** The tenant that the connections above are for. One that the tenant stores through `ConnectionDesk` wins over it. */
    tenant?: string;
    /** 32 bytes that encrypt the secrets of stored connections and webhook endpoints. Without it, none can be stored. */
    secretsKey?: Buffer;
    /** Earlier keys, which still decrypt. */
    oldSecretsKeys?: readonly Buffer[];
    /** What may be reached besides the public internet: `10.1.0.0/16, jira.corp.internal:8443, http://127.0.0.1:8085`. */
    egressAllow?: string;
    /** The proxy that requests go through. */
    egressProxy?: EgressProxyOptions;
    /** The name that requests give; `Redress` unless given. */
    userAgent?: string;
    /** Milliseconds that a webhook endpoint has to answer; 20 000 unless given. */
    deliveryTimeoutMs?: number;
    /** Reads inbound messages, such as `messageReader` of `@redress/formats`; `JSON.parse` within a limit of size unless given. */
    json?: JsonReader;
  }>;

/**
 * The external systems of a desk, with every connector of the registry: `RedressModule.forRoot({ connectors:
 * connectorsFor({ tenant, JIRA: { settings, secrets } }) })`. Throws when the options contradict each other.
 */
export function connectorsFor(options: ConnectorsForOptions = {}): ExternalSystemsFactory {
  const {
    secretsKey,
    oldSecretsKeys,
    userAgent = 'Redress',
    deliveryTimeoutMs = 20_000,
    json = plainJson,
  } = options;
  const allow = allowance(options.egressAllow);
  const proxy = options.egressProxy && new EgressProxy(options.egressProxy);
  const fixed = connectionsIn(options);
  return ({ store, clock, newId, lookupPolicies, log }) => {
    const vault = new AesVault(secretsKey, oldSecretsKeys);
    const egress = new Egress({ allow, userAgent, proxy });
    const connectors = new Connectors({ egress, newId, json });
    const now = () => timestamp(clock());
    const resolver = new ConnectionResolver(store.reads.connections, vault, fixed, connectors, now);
    const dispatches = new DispatchDesk({ uow: store.desk, clock, newId }, lookupPolicies);
    const provider = connectorProvider(resolver, connectors);
    const runner = new DispatchRunner(dispatches, provider, new CircuitBreakers());
    const worker = new DeliveryWorker({
      deliveries: store.deliveries,
      vault,
      egress,
      gates: new CircuitBreakers(endpointCircuitBreaker, isTrouble),
      clock,
      timeoutMs: deliveryTimeoutMs,
      failed: (error) => log.error({ err: error }, 'an event could not be delivered'),
    });
    return {
      catalog: connectors,
      connections: resolver,
      vault,
      secrets: secretGenerator,
      targets: (tenant) => resolver.targets(tenant),
      dispatch: ({ tenant, id }) => runner.runJob(tenant, id),
      deliver: (job) => worker.deliver(job),
      idle: () => worker.idle(),
      stop: (graceMs) => worker.stop(graceMs),
    };
  };
}

function allowance(text: string | undefined): EgressAllowance {
  if (text === undefined || text === '') return EgressAllowance.nothing;
  const allow = EgressAllowance.parse(text);
  if (!allow)
    throw new Error(
      `egressAllow is "${text}": it has to be entries such as 10.1.0.0/16, jira.corp.internal:8443 or http://127.0.0.1:8085, separated by commas.`,
    );
  return allow;
}

const isTicketTarget = (target: ConnectionTarget): target is TicketTarget => target !== 'LEDGER';

function connectionsIn(options: ConnectorsForOptions): readonly OpenConnection[] {
  const { tenant } = options;
  const targets = (Object.keys(registry) as ConnectionTarget[]).filter(isTicketTarget);
  return targets.flatMap((target) => {
    const connection = options[target] as FixedConnection | undefined;
    if (!connection) return [];
    if (tenant === undefined)
      throw new Error(`connectorsFor was given ${target} without a tenant: name the tenant that it is for.`);
    const { settings, secrets: given } = connection;
    const accepted = registry[target].rules.secretsAfter(
      { settings, given, kept: undefined },
      secretGenerator,
    );
    if (!accepted.ok)
      throw new Error(`connectorsFor cannot connect to ${target}: ${explain(accepted.refusal)}`);
    return [fixedConnection(tenant, target, connection)];
  });
}
