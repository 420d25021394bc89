import { EgressProxy } from '@redress/connectors';
import type { Config } from './config';

type ProxyConfig = Pick<Config, 'egressProxy' | 'egressProxyTarget' | 'egressNoProxy'>;

/** The proxy of the variables `EGRESS_PROXY…`; undefined where there is none. */
export const egressProxyOf = ({ egressProxy: url, egressProxyTarget: target, egressNoProxy }: ProxyConfig) =>
  url === undefined ? undefined : new EgressProxy({ url, target, except: egressNoProxy ?? [] });
